/**
 * Where a dot is drawn between two updates. It glides from where it is to where the courier now is: along the
 * route when it moved forward on one, else straight. A glide takes as long as the updates lie apart, at most
 * LONGEST_MS, so that dots move evenly and are never further behind than that; the list shows the newest at once.
 */
import { type Line, mercatorX, mercatorY, metresPerUnit, type Spot } from "./geometry"
import type { Courier } from "./model"

export const LONGEST_MS = 10_000
const SHORTEST_MS = 300
/** A dot that has further to go appears there instead: a glide across the town would tell nothing. */
const FARTHEST_M = 3_000
/** A silent courier's last word tells whether it was on its route. */
const NEAR_M = 60

interface Place {
  x: number
  y: number
  along: number
}

export class Glide {
  /** Where the dot is drawn; `heading` is NaN until it is known. */
  readonly spot: Spot = { x: 0, y: 0, heading: Number.NaN }
  /** False while nothing is known of the position. */
  placed = false
  /** Units of the square in a millisecond while it moves. */
  rate = 0
  private readonly from: Place = { x: 0, y: 0, along: 0 }
  private readonly goal: Place = { x: 0, y: 0, along: 0 }
  private along = 0
  /** The line that the goal lies on, and the one that the glide follows. */
  private line: Line | null = null
  private path: Line | null = null
  private begin = 0
  private end = 0
  private arrived = Number.NEGATIVE_INFINITY

  /** now: ms. line: the courier's route where it is known. still: jump (reduced motion). */
  target(courier: Courier, line: Line | null, now: number, still: boolean): void {
    this.move(now)
    const on = line && onLine(courier) ? line : null
    const goal: Spot = { x: 0, y: 0, heading: Number.NaN }
    const along = on ? courier.along_m! : 0
    if (on) on.at(along, goal)
    else if (courier.lon !== null && courier.lat !== null) {
      goal.x = mercatorX(courier.lon)
      goal.y = mercatorY(courier.lat)
    } else {
      this.placed = false
      return
    }
    const forward = on !== null && on === this.line && along >= this.along
    const apart = forward
      ? along - this.along
      : Math.hypot(goal.x - this.spot.x, goal.y - this.spot.y) * metresPerUnit(goal.y)
    const jump = still || !this.placed || apart > FARTHEST_M || apart < 0.05
    Object.assign(this.from, { x: this.spot.x, y: this.spot.y, along: this.along })
    Object.assign(this.goal, { x: goal.x, y: goal.y, along })
    this.line = on
    this.path = forward ? on : null
    if (!forward) this.along = along
    if (on) this.spot.heading = goal.heading
    else if (!jump) this.spot.heading = Math.atan2(goal.y - this.spot.y, goal.x - this.spot.x)
    this.begin = now
    this.end = jump ? now : now + Math.min(LONGEST_MS, Math.max(SHORTEST_MS, now - this.arrived))
    this.rate = jump ? 0 : apart / metresPerUnit(goal.y) / (this.end - now)
    this.arrived = now
    this.placed = true
    this.move(now)
  }

  /** Moves `spot` to where it is at `now` [ms]; true while it is still on its way. */
  move(now: number): boolean {
    if (!this.placed) return false
    // A frame's time may lie before that of an update which came just ahead of it.
    const lasts = this.end - this.begin
    const share = lasts > 0 ? Math.min(1, Math.max(0, (now - this.begin) / lasts)) : 1
    if (this.path) {
      this.along = this.from.along + (this.goal.along - this.from.along) * share
      this.path.at(this.along, this.spot)
    } else {
      this.spot.x = this.from.x + (this.goal.x - this.from.x) * share
      this.spot.y = this.from.y + (this.goal.y - this.from.y) * share
    }
    return share < 1
  }
}

function onLine(courier: Courier): boolean {
  if (courier.along_m === null || courier.offset_m === null) return false
  if (courier.state === "on_route" || courier.state === "stalled") return true
  return courier.state === "silent" && courier.offset_m <= NEAR_M
}
