/** What the list and the map show of each courier: its newest state, judged now, and its dot. */
import type { ServerClock } from "./clock"
import { type Change, Fleet } from "./fleet"
import type { Line } from "./geometry"
import { Glide } from "./glide"
import { type Courier, SILENT_AFTER_S, STATES, type State, shownState } from "./model"

export interface Entry {
  courier: Courier
  /** The state at this moment: silence comes without a message. */
  shown: State
  readonly glide: Glide
  /** Where its dot was last drawn, in CSS pixels of the map; NaN while it is nowhere. */
  readonly screen: { x: number; y: number }
}

export class Board {
  readonly entries = new Map<string, Entry>()
  readonly counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>
  /** Grows when anything shown may have changed. */
  revision = 0
  /** True once there has been a snapshot. */
  ready = false
  /** Server time of the newest frame [s]. */
  heard: number | null = null
  private readonly fleet = new Fleet()
  private silentAfter = SILENT_AFTER_S

  constructor(
    readonly clock: ServerClock,
    private readonly line: (route: string) => Line | null,
    private readonly still: () => boolean,
  ) {}

  update(rows: readonly Courier[], at: number): void {
    this.hear(at)
    this.take(this.fleet.update(rows, at))
  }

  snapshot(rows: readonly Courier[], at: number, silentAfter: number): void {
    this.hear(at)
    this.silentAfter = silentAfter
    this.ready = true
    this.take(this.fleet.replace(rows, at))
  }

  /** A route's geometry has come: its couriers move onto it. */
  relocate(route: string): void {
    for (const entry of this.entries.values()) if (entry.courier.route === route) this.aim(entry, true)
    this.revision++
  }

  /** Judges everybody's state at this moment; true when one has changed. */
  judge(): boolean {
    const now = this.clock.now()
    let changed = false
    for (const entry of this.entries.values()) {
      const shown = shownState(entry.courier, now, this.silentAfter)
      if (shown === entry.shown) continue
      this.counts[entry.shown]--
      this.counts[shown]++
      entry.shown = shown
      changed = true
    }
    if (changed) this.revision++
    return changed
  }

  private take({ changed, gone }: Change): void {
    const now = this.clock.now()
    for (const courier of changed) {
      let entry = this.entries.get(courier.courier)
      const shown = shownState(courier, now, this.silentAfter)
      if (entry) {
        this.counts[entry.shown]--
        entry.courier = courier
        entry.shown = shown
      } else {
        entry = { courier, shown, glide: new Glide(), screen: { x: Number.NaN, y: Number.NaN } }
        this.entries.set(courier.courier, entry)
      }
      this.counts[shown]++
      this.aim(entry, this.still())
    }
    for (const courier of gone) {
      this.counts[this.entries.get(courier)!.shown]--
      this.entries.delete(courier)
    }
    this.revision++
  }

  private aim(entry: Entry, still: boolean): void {
    const { courier } = entry
    const line = courier.route === null ? null : this.line(courier.route)
    entry.glide.target(courier, line, performance.now(), still)
  }

  private hear(at: number): void {
    this.clock.hear(at)
    this.heard = Math.max(this.heard ?? 0, at)
  }
}
