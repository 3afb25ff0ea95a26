/** Routes and tracks as paths of a picture, north up. */
import { type Line, mercatorX, mercatorY, type Spot } from "../core/geometry"
import type { Ping } from "./track"

/** The picture is so wide, or so high where that is more. */
export const SIZE = 1_000
/** No picture is flatter or taller than that. */
const SLIMMEST = 0.2
/** After a longer silence nobody knows the way in between. */
const GAP_S = 180
const spot: Spot = { x: 0, y: 0, heading: 0 }

export class Outline {
  readonly width: number
  readonly height: number
  private readonly west: number
  private readonly north: number
  private readonly scale: number

  constructor(
    private readonly line: Line,
    private readonly pings: readonly Ping[],
  ) {
    const x = [...line.x, ...pings.map(({ lon }) => mercatorX(lon))]
    const y = [...line.y, ...pings.map(({ lat }) => mercatorY(lat))]
    const [west, east] = [Math.min(...ends(x)), Math.max(...ends(x))]
    const [north, south] = [Math.min(...ends(y)), Math.max(...ends(y))]
    const most = Math.max(east - west, south - north, Number.EPSILON)
    this.scale = SIZE / most
    this.width = Math.max(east - west, most * SLIMMEST) * this.scale
    this.height = Math.max(south - north, most * SLIMMEST) * this.scale
    this.west = (west + east - this.width / this.scale) / 2
    this.north = (north + south - this.height / this.scale) / 2
  }

  /** The route from its start to `along` metres, its end where that is left out. */
  route(along = this.line.length_m): string {
    const { line } = this
    const last = line.segment(along)
    const points = Array.from({ length: last + 1 }, (_, i) => this.point(line.x[i]!, line.y[i]!))
    return `M${[...points, this.at(along)].join("L")}`
  }

  /** Where the route is `along` metres from its start: x and y, such as "12.5 40". */
  at(along: number): string {
    this.line.at(along, spot)
    return this.point(spot.x, spot.y)
  }

  /** The pings in a row, broken where nobody knows the way. */
  track(): string {
    let said = ""
    let before = Number.NEGATIVE_INFINITY
    for (const { t, lat, lon } of this.pings) {
      said += `${t - before > GAP_S ? "M" : "L"}${this.place(lat, lon)}`
      before = t
    }
    return said
  }

  place(lat: number, lon: number): string {
    return this.point(mercatorX(lon), mercatorY(lat))
  }

  private point(x: number, y: number): string {
    return `${round((x - this.west) * this.scale)} ${round((y - this.north) * this.scale)}`
  }
}

const round = (value: number): number => Math.round(value * 10) / 10

/** The least and the most, without a call of as many arguments as there are values. */
function ends(values: readonly number[]): [number, number] {
  return values.reduce(
    ([a, b], v) => [Math.min(a, v), Math.max(b, v)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
}
