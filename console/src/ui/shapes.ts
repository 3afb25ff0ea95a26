/** One shape per state, on a 24 × 24 grid; the map's dots and the list's icons are drawn from the same. */
import type { State } from "../core/model"

export interface Shape {
  readonly body: string
  /** Drawn on the body. */
  readonly mark?: string
  /** An outline instead of a filled body. */
  readonly hollow?: boolean
  readonly dashed?: boolean
}

const circle = (r: number) => `M${12 - r} 12a${r} ${r} 0 1 1 ${2 * r} 0a${r} ${r} 0 1 1 ${-2 * r} 0z`

export const SHAPES: Readonly<Record<State, Shape>> = {
  on_route: { body: "M16.6 7.4L22 12l-5.4 4.6A6.5 6.5 0 1 1 16.6 7.4z" },
  off_route: { body: "M12 3.2L22 20.3H2z", mark: "M12 9.2v5M12 17.3v.2" },
  stalled: { body: "M5.5 5.5h13v13h-13z", mark: "M10 9.2v5.6M14 9.2v5.6" },
  silent: { body: circle(7.5), hollow: true, dashed: true },
  arrived: { body: "M6 3h2.4v18H6zM8.4 4h11.2l-3.2 4.4 3.2 4.4H8.4z" },
  idle: { body: "M12 5.2L18.8 12 12 18.8 5.2 12z", hollow: true },
  finished: { body: circle(7.5), mark: "M8.7 12.2l2.4 2.4 4.3-4.8" },
}
/** A moving courier whose direction is not known. */
export const PLAIN: Shape = { body: circle(6.5) }
