/** Trips: every one of them, those that wait for a manager first. */
import { href, Onward } from "../core/address"
import type { Happening } from "../core/alerts"
import type { Trip } from "../core/trips"
import { type Filter, Shelf } from "../desk/shelf"
import type { Key } from "../i18n"
import type { Office, Page } from "../page"
import { attribute, h } from "../ui/dom"
import { Keys } from "./keys"
import { tripRow } from "./row"
import { TripSheet } from "./sheet"
import { listed, ofCourier, SHELVES, type ShelfName } from "./trips"

const SOON_MS = 1_000

export class TripsPage implements Page {
  readonly parts: readonly HTMLElement[]
  private readonly sheet: TripSheet
  private readonly shelf: Shelf<Trip>
  private readonly keys: Keys
  /** Names for the fields that ask for a courier. */
  private readonly couriers = new Set<string>()
  private readonly names = h("datalist", { id: "trip-couriers" })
  private readonly over = new AbortController()
  /** What the list shows; null while one courier is sought. */
  private filter: ShelfName | null = "waiting"
  private thing: string | null = null
  private inFront = false
  private soon: ReturnType<typeof setTimeout> | undefined
  /** What happened since the list was fetched was about these. */
  private readonly touched = new Set<string>()

  constructor({ config, desk }: Office) {
    this.shelf = new Shelf<Trip>({
      page: "trips",
      title: "trips.title",
      filters: (Object.keys(SHELVES) as ShelfName[]).map(filter),
      empty: { title: "trips.none", next: "trips.none.next" },
      search: {
        label: "trips.search",
        empty: { title: "trips.sought.none", next: "trips.sought.none.next" },
      },
      fetch: async (shelf, after, signal, sought) => {
        this.filter = sought ? null : (shelf as ShelfName)
        const found = await (sought
          ? ofCourier(desk, sought, after, signal)
          : listed(desk, shelf as ShelfName, after, signal))
        this.learn(found.items)
        return found
      },
      id: ({ trip }) => trip,
      row: tripRow,
    })
    this.sheet = new TripSheet({
      desk,
      pipeline: desk.at(config.apis.pipeline),
      couriers: () => this.couriers,
      seen: (trip) => this.learn([trip]),
      did: (id, after) => this.did(id, after),
      next: () => this.next(),
    })
    const does = { j: () => void this.step(1), k: () => void this.step(-1), a: () => this.sheet.approve() }
    this.keys = new Keys(does, desk.manager)
    attribute(this.shelf.search, "list", this.names.id)
    this.shelf.element.append(this.names, this.keys.element)
    this.parts = [this.shelf.element, this.sheet.element]
    document.addEventListener("keydown", (event) => this.pressed(event), { signal: this.over.signal })
  }

  enter(thing: string | null): void {
    const came = !this.inFront
    this.inFront = true
    this.shelf.select(thing)
    if (thing !== this.thing || thing === null) this.sheet.begin(thing)
    else if (came) void this.sheet.open()
    this.thing = thing
    if (came) void this.shelf.freshen()
  }

  leave(): void {
    this.inFront = false
  }

  happened(events: readonly Happening[]): void {
    if (!this.inFront) return
    const gone = new Set<string>()
    for (const { type, data } of events) {
      const { trip, to } = (data ?? {}) as { readonly trip?: string; readonly to?: string }
      if (!type.startsWith("trip.") || !trip || !to) continue
      this.touched.add(trip)
      if (!this.here(to)) gone.add(trip)
    }
    this.shelf.drop(gone)
    if (this.touched.size > 0) this.soon ??= setTimeout(() => this.refresh(), SOON_MS)
  }

  speak(): void {
    this.shelf.again()
    this.sheet.speak()
  }

  end(): void {
    this.shelf.end()
    this.over.abort()
    this.sheet.end()
    clearTimeout(this.soon)
  }

  private refresh(): void {
    this.soon = undefined
    const mine = this.thing !== null && this.touched.has(this.thing)
    this.touched.clear()
    if (!this.inFront) return
    void this.shelf.freshen()
    if (mine) void this.sheet.open()
  }

  /** It may belong on another shelf now. */
  private did(id: string, after: Trip): void {
    if (after.trip !== id || !this.here(after.state)) this.shelf.drop(new Set([id]))
    else void this.shelf.freshen()
  }

  private here(state: string): boolean {
    return this.filter === null || (SHELVES[this.filter] as readonly string[]).includes(state)
  }

  /** The one below that waits, else the one above. */
  private async next(): Promise<string | null> {
    if (this.filter !== "waiting") return null
    return (await this.beside(1)) ?? (await this.beside(-1))
  }

  private async beside(steps: number): Promise<string | null> {
    const id = this.shelf.beside(this.thing, steps)
    if (id !== null || steps < 0) return id
    await this.shelf.extend()
    return this.shelf.beside(this.thing, steps)
  }

  private async step(steps: number): Promise<void> {
    const onward = new Onward()
    const id = await this.beside(steps)
    if (id !== null) onward.go(href("trips", id))
  }

  private pressed(event: KeyboardEvent): void {
    if (this.inFront) this.keys.press(event)
  }

  private learn(trips: readonly Trip[]): void {
    const before = this.couriers.size
    for (const { courier } of trips) this.couriers.add(courier)
    if (this.couriers.size === before) return
    this.names.replaceChildren(...[...this.couriers].sort().map((value) => h("option", { value })))
  }
}

const filter = (key: ShelfName): Filter => ({
  key,
  label: `trips.${key}` as Key,
  empty: { title: `trips.${key}.none` as Key, next: `trips.${key}.none.next` as Key },
})
