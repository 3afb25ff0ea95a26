/** Routes and positions in Web Mercator's unit square: x grows east, y grows south. */
import type { Stop } from "./stops"

const EARTH_M = 6_371_008.8
const RADIANS = Math.PI / 180

export const mercatorX = (lon: number): number => (lon + 180) / 360
export const mercatorY = (lat: number): number =>
  0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * RADIANS) / 2)) / (2 * Math.PI)
export const longitude = (x: number): number => x * 360 - 180
export const latitude = (y: number): number => Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) / RADIANS
/** Metres on the ground in one unit of the square, at height `y` of it. */
export const metresPerUnit = (y: number): number => 2 * Math.PI * EARTH_M * Math.cos(latitude(y) * RADIANS)

export interface Spot {
  x: number
  y: number
  /** Direction of travel on the screen, radians clockwise from east. */
  heading: number
}

export interface Bounds {
  west: number
  south: number
  east: number
  north: number
}

export class Line {
  readonly x: Float64Array
  readonly y: Float64Array
  /** Metres along, to each vertex. */
  readonly along: Float64Array
  readonly bounds: Bounds

  /** coordinates: [lon, lat] pairs, two or more; length_m: the route's own, to which `along` is scaled. */
  constructor(
    readonly route: string,
    readonly name: string,
    readonly coordinates: readonly (readonly [number, number, ...number[]])[],
    readonly length_m: number,
    readonly stops: readonly Stop[] = [],
  ) {
    const n = coordinates.length
    this.x = Float64Array.from(coordinates, ([lon]) => mercatorX(lon))
    this.y = Float64Array.from(coordinates, ([, lat]) => mercatorY(lat))
    this.along = new Float64Array(n)
    for (let i = 1; i < n; i++) {
      this.along[i] = this.along[i - 1]! + distance(coordinates[i - 1]!, coordinates[i]!)
    }
    const measured = this.along[n - 1]!
    const scale = measured > 0 ? length_m / measured : 1
    for (let i = 1; i < n; i++) this.along[i] = this.along[i]! * scale
    this.bounds = around(coordinates)!
  }

  /** The last vertex at or before `along` metres; never the line's end. */
  segment(along: number): number {
    let low = 0
    let high = this.along.length - 1
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (this.along[middle]! <= along) low = middle
      else high = middle
    }
    return low
  }

  /** Writes the point `along` metres from the start into `spot`; beyond the ends it is the end. */
  at(along: number, spot: Spot): Spot {
    const i = this.segment(along)
    const from = this.along[i]!
    const size = this.along[i + 1]! - from
    const share = size > 0 ? Math.min(1, Math.max(0, (along - from) / size)) : 0
    const dx = this.x[i + 1]! - this.x[i]!
    const dy = this.y[i + 1]! - this.y[i]!
    spot.x = this.x[i]! + dx * share
    spot.y = this.y[i]! + dy * share
    if (dx !== 0 || dy !== 0) spot.heading = Math.atan2(dy, dx)
    return spot
  }
}

/** Great-circle metres between two [lon, lat]. */
export function distance(
  a: readonly [number, number, ...number[]],
  b: readonly [number, number, ...number[]],
) {
  const u = Math.sin(((b[1] - a[1]) * RADIANS) / 2) ** 2
  const v = Math.sin(((b[0] - a[0]) * RADIANS) / 2) ** 2
  return 2 * EARTH_M * Math.asin(Math.sqrt(u + Math.cos(a[1] * RADIANS) * Math.cos(b[1] * RADIANS) * v))
}

/** The box around places, each [lon, lat]; null for none. */
export function around(places: Iterable<readonly [number, number, ...number[]]>): Bounds | null {
  const all = { west: 180, south: 90, east: -180, north: -90 }
  for (const [lon, lat] of places) {
    all.west = Math.min(all.west, lon)
    all.south = Math.min(all.south, lat)
    all.east = Math.max(all.east, lon)
    all.north = Math.max(all.north, lat)
  }
  return all.west > all.east ? null : all
}

/** Two that say all of it, each [lon, lat]. */
export const corners = ({ west, south, east, north }: Bounds): [number, number][] => [
  [west, south],
  [east, north],
]
