/** A page of the console: parts that lie in the shell's grid, a list at the side and the thing itself beside it. */
import type { Happening } from "./core/alerts"
import type { Config } from "./core/config"
import type { Desk } from "./core/desk"

export interface Page {
  readonly parts: readonly HTMLElement[]
  /** The page is in front, with this thing on it; also when the thing changes. */
  enter(thing: string | null): void
  /** True while leaving would lose what the person has made: it is asked first. */
  unsaved?(): boolean
  /** Another page is in front. */
  leave(): void
  /** Something has happened in the fleet, as the live stream tells it. */
  happened(events: readonly Happening[]): void
  /** The language has changed; texts that were bound follow by themselves. */
  speak(): void
  /** The session is over: nothing of what is shown is left for who signs in next. */
  end(): void
}

/** What every page is made with. */
export interface Office {
  readonly config: Config
  readonly desk: Desk
}
