/** One trip: what it pays, how it was ridden, its photos, its audit, and what a manager decides about it. */
import { href, Onward } from "../core/address"
import { Problem, Unreachable } from "../core/api"
import type { Desk } from "../core/desk"
import type { Trip } from "../core/trips"
import { head } from "../desk/parts"
import { Sheet } from "../desk/sheet"
import { type Key, money } from "../i18n"
import { h, say } from "../ui/dom"
import { possible, reassigned, remarked } from "./acts"
import { auditSection } from "./audit"
import { bonusSection } from "./bonus"
import { Gallery } from "./photos"
import { Ride } from "./ride"
import { stateBadge } from "./row"
import { times } from "./times"
import { type Act, act, type Opened, opened, pictures } from "./trips"

/** Nobody has looked at what was in sight for less: a click meant for the trip before must not approve this. */
const LOOK_MS = 400
const UNDERWAY = new Set(["started", "paused", "abandoned"])

export interface SheetWorld {
  readonly desk: Desk
  readonly pipeline: Desk
  /** Names of couriers to choose from. */
  couriers(): Iterable<string>
  /** This trip was fetched. */
  seen(trip: Trip): void
  /** Something was done with the trip `id`; `after` is that trip, or the one that another courier has instead. */
  did(id: string, after: Trip): void
  /** Which trip to go on with after an approval. */
  next(): Promise<string | null>
}

/** A trip in sight, with the parts of it that stay while it changes. */
interface Shown {
  readonly id: string
  readonly ride: Ride
  readonly gallery: Gallery
  readonly over: AbortController
  found: Opened | null
  /** When it, or another record of it, came in sight [ms]. */
  since: number | null
}

export class TripSheet {
  private readonly sheet = new Sheet(href("trips"))
  private shown: Shown | null = null
  /** What to say of the trip before when the next one is opened. */
  private approved: string | null = null

  constructor(private readonly world: SheetWorld) {}

  get element(): HTMLElement {
    return this.sheet.element
  }

  /** Another trip, or none, comes to the sheet. */
  begin(id: string | null): void {
    this.end()
    this.sheet.hush()
    if (this.approved !== null) this.sheet.tell("trip.approve.done", { title: this.approved })
    this.approved = null
    this.shown = null
    if (id === null) {
      this.sheet.nothing("desk.nothing")
      return
    }
    const { desk, pipeline } = this.world
    const over = new AbortController()
    const gallery = new Gallery(() => pictures(desk, id))
    this.shown = { id, ride: new Ride(desk, pipeline, over.signal), gallery, over, found: null, since: null }
    this.element.scrollTop = 0
    void this.open()
  }

  async open(): Promise<void> {
    const { shown } = this
    if (!shown) return
    await this.sheet.open(
      (signal) => opened(this.world.desk, shown.id, signal).catch((error: unknown) => kept(shown, error)),
      (found) => {
        if (found.bonus.calculation?.revision !== shown.found?.bonus.calculation?.revision) shown.since = null
        shown.found = found
        shown.gallery.show(found.photos)
        this.world.seen(found.trip)
        this.put(shown)
        void this.follow(shown, found.trip)
      },
    )
  }

  /** The record may say that a newer one is being made. */
  private async follow(shown: Shown, trip: Trip): Promise<void> {
    const before = shown.ride.settling
    await shown.ride.show(trip)
    if (this.shown === shown && shown.ride.settling !== before) this.put(shown, true)
  }

  speak(): void {
    this.shown?.gallery.speak()
    this.shown?.ride.speak()
    if (this.shown) this.put(this.shown, true)
  }

  /** As the button does; only what is in sight. */
  approve(): void {
    if (this.shown?.found) this.element.querySelector<HTMLButtonElement>("[data-act=approve]")?.click()
  }

  end(): void {
    this.shown?.over.abort()
  }

  /** `again`: what is shown, in other words; what is being asked for comes all the same. */
  private put({ found, gallery, ride }: Shown, again = false): void {
    if (!found) return
    const { trip, bonus, lines } = found
    const under = [trip.courier, trip.route, h("code", {}, trip.trip)]
    const live = UNDERWAY.has(trip.state) && h("a", { class: "small", href: href("live", trip.courier) })
    const acts = possible(trip.state, this.world.desk).map((what) => this.button(what, found))
    // Who wants to see what it was reckoned from sees that of the next trip too.
    const unfolded = this.element.querySelector("details")?.open ?? false
    this.sheet[again ? "again" : "put"](
      head(
        trip.title,
        [stateBadge(trip.state), ...under.map((part) => h("span", {}, part))],
        live ? [say(live, "trip.live"), ...acts] : acts,
      ),
      bonusSection(trip, bonus, ride.settling && bonus.calculation !== null),
      gallery.element,
      ride.element,
      times(trip, Date.now() / 1000),
      auditSection(lines),
    )
    for (const details of this.element.querySelectorAll("details")) details.open = unfolded
  }

  private button(what: Act, found: Opened): HTMLButtonElement {
    const look = what === "approve" ? "primary" : what === "cancel" ? "small danger" : "small"
    const made = this.sheet.act(`trip.${what}` as Key, look, () => this.do(what, found))
    made.dataset.act = what
    if (what === "approve") {
      made.setAttribute("aria-keyshortcuts", "A")
      this.rest(made)
    }
    return made
  }

  private rest(approving: HTMLButtonElement): void {
    const { shown } = this
    if (!shown) return
    shown.since ??= performance.now()
    const left = shown.since + LOOK_MS - performance.now()
    if (left <= 0) return
    approving.disabled = true
    setTimeout(() => {
      approving.disabled = false
    }, left)
  }

  private async do(what: Act, { trip, bonus }: Opened): Promise<void> {
    if (this.shown?.id !== trip.trip) return
    const onward = new Onward()
    if (what === "approve") return this.agree(onward, trip, bonus.calculation?.revision ?? null)
    const { desk } = this.world
    const after =
      what === "reassign"
        ? await reassigned(desk, trip, this.world.couriers())
        : await remarked(desk, trip, what)
    if (!after) return
    this.world.did(trip.trip, after)
    if (after.trip !== trip.trip) {
      onward.go(href("trips", after.trip))
      return
    }
    await this.open()
    this.sheet.tell(`trip.${what}.done` as Key, { title: trip.title })
  }

  /** To the record that is shown; then the next trip that waits comes. */
  private async agree(onward: Onward, trip: Trip, revision: number | null): Promise<void> {
    try {
      const after = await act(this.world.desk, trip.trip, "approve", { revision })
      const next = await this.world.next()
      this.world.did(trip.trip, after)
      if (this.shown?.id !== trip.trip) return
      if (next !== null && onward.open) {
        this.approved = trip.title
        onward.go(href("trips", next))
        return
      }
      await this.open()
      this.sheet.tell("trip.approve.done", { title: trip.title })
    } catch (error) {
      if (!(error instanceof Problem && error.status === 409)) throw error
      await this.overtaken(trip, revision, error)
    }
  }

  /** Shows what is there now, and why it could not be approved. */
  private async overtaken(trip: Trip, revision: number | null, error: Problem): Promise<void> {
    if (this.shown?.id !== trip.trip) throw error
    await this.open()
    const { trip: now, bonus } = this.shown.found ?? {}
    const made = bonus?.calculation
    if (now?.state !== "settled" || !made || made.revision === revision) throw error
    this.sheet.warn("trip.overtaken", { total: money(made.total, made.currency) })
  }
}

/** What is shown stays where the server does not answer; the next event asks again. */
function kept({ found }: Shown, error: unknown): Opened {
  if (found && error instanceof Unreachable) return found
  throw error
}
