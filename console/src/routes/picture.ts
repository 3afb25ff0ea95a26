/** What is drawn of a route: its line, its stops, and marks where something is to be known. */
import { around, type Bounds, corners, distance, Line } from "../core/geometry"
import type { LonLat, Preview, Stop, Warning, WholeDraft, WholeVersion } from "./routes"

/** A place with a number on it, and the stretches of the line that it is about. */
export interface Mark {
  readonly at: LonLat
  readonly number: number
  readonly blocks: boolean
  readonly stretches: readonly (readonly LonLat[])[]
}

export interface Picture {
  /** Null where there are not two points. */
  readonly line: Line | null
  readonly stops: readonly Stop[]
  readonly marks: readonly Mark[]
}

/** Metres of the line on each side of a place that is told of. */
const ARM_M = 30

export function ofVersion({ geometry, properties }: WholeVersion): Picture {
  const { route, name, length_m, stops } = properties
  return { line: lineOf(route, name, geometry.coordinates, length_m, stops), stops, marks: [] }
}

export function ofDraft({ geometry, properties }: WholeDraft): Picture {
  const { route, name, preview, stops } = properties
  const placed = preview.stops.flatMap((stop) =>
    stop.along_m === null ? [] : [{ ...stop, along_m: stop.along_m }],
  )
  const line = lineOf(route, name, geometry.coordinates, preview.length_m, placed)
  const marks = preview.warnings.flatMap((warning, i): Mark[] => {
    const { lon, lat, blocks } = warning
    if (lon === undefined || lat === undefined) return []
    const stretches = line ? about(warning, line, preview) : []
    return [{ at: [lon, lat], number: i + 1, blocks, stretches }]
  })
  return { line, stops, marks }
}

export function lineOf(
  route: string,
  name: string,
  coordinates: readonly LonLat[],
  length_m: number | null,
  stops: Line["stops"] = [],
): Line | null {
  if (coordinates.length < 2) return null
  return new Line(route, name, coordinates, length_m ?? measure(coordinates), stops)
}

export function measure(coordinates: readonly LonLat[]): number {
  return coordinates.reduce((sum, at, i) => sum + (i > 0 ? distance(coordinates[i - 1]!, at) : 0), 0)
}

function about(warning: Warning, line: Line, preview: Preview): readonly (readonly LonLat[])[] {
  const { code, index, along_m } = warning
  if (code === "overlap") return preview.overlaps.map(([from, to]) => stretch(line, from, to))
  if ((code === "long-gap" || code === "no-route") && index !== undefined) {
    return [line.coordinates.slice(index, index + 2).map(([lon, lat]) => [lon, lat] as const)]
  }
  if (code === "sharp-turn" && along_m !== undefined) return [stretch(line, along_m - ARM_M, along_m + ARM_M)]
  return []
}

/** The line's points from and to some metres along, those in between included. */
export function stretch(line: Line, from: number, to: number): LonLat[] {
  const first = line.segment(from)
  const last = line.segment(to)
  const inner = line.coordinates.slice(first + 1, last + 1).map(([lon, lat]): LonLat => [lon, lat])
  return [placeAt(line, from), ...inner, placeAt(line, to)]
}

function placeAt(line: Line, along: number): LonLat {
  const i = line.segment(along)
  const [from, to] = [line.along[i]!, line.along[i + 1]!]
  const share = to > from ? Math.min(1, Math.max(0, (along - from) / (to - from))) : 0
  const [a, b] = [line.coordinates[i]!, line.coordinates[i + 1]!]
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share]
}

/** Line, stops and marks; null where there is nothing. */
export function extent({ line, stops, marks }: Picture): Bounds | null {
  return around([
    ...(line ? corners(line.bounds) : []),
    ...stops.map(({ lon, lat }): LonLat => [lon, lat]),
    ...marks.map(({ at }) => at),
  ])
}

/** Of a mark and its stretches. */
export const reach = ({ at, stretches }: Mark): Bounds | null => around([at, ...stretches.flat()])
