/** What an admin draws: a line and its stops, each change a step that can be taken back. */
import type { LonLat, Stop } from "./routes"

export interface Sketch {
  readonly line: readonly LonLat[]
  readonly stops: readonly Stop[]
}

/** As the server takes them where nothing is said [m]. */
export const RADIUS_M = 50
export const RADII_M = { min: 10, max: 500 }
const STEPS = 200
const DIGITS = 7

export class Sketches {
  private past: Sketch[] = []
  private future: Sketch[] = []

  /** `changed`: after every change, also back and forth. */
  constructor(
    private sketch: Sketch,
    private readonly changed: () => void,
  ) {}

  get now(): Sketch {
    return this.sketch
  }

  get canUndo(): boolean {
    return this.past.length > 0
  }

  get canRedo(): boolean {
    return this.future.length > 0
  }

  change(said: Partial<Sketch>): void {
    this.past = [...this.past.slice(-STEPS + 1), this.sketch]
    this.future = []
    this.to({ ...this.sketch, ...said })
  }

  undo(): void {
    const before = this.past.pop()
    if (!before) return
    this.future.push(this.sketch)
    this.to(before)
  }

  redo(): void {
    const next = this.future.pop()
    if (!next) return
    this.past.push(this.sketch)
    this.to(next)
  }

  private to(sketch: Sketch): void {
    this.sketch = sketch
    this.changed()
  }
}

export const replaced = <T>(list: readonly T[], i: number, one: T): T[] =>
  list.map((it, at) => (at === i ? one : it))

/** The one at `i` earlier or later by one, or away; the same list where there is no room. */
export function moved<T>(list: readonly T[], i: number, way: "up" | "down" | "remove"): readonly T[] {
  const rest = list.filter((_, at) => at !== i)
  if (way === "remove") return rest
  const to = way === "up" ? i - 1 : i + 1
  return to < 0 || to >= list.length ? list : [...rest.slice(0, to), list[i]!, ...rest.slice(to)]
}

/** With a stop more, before those that the line passes later: stops are in the order of their visits. */
export function withStop(
  { line, stops }: Sketch,
  name: string,
  [lon, lat]: LonLat,
): readonly [Stop[], number] {
  const along = alongOf(line, [lon, lat])
  const later = stops.findIndex((stop) => alongOf(line, [stop.lon, stop.lat]) > along)
  const i = later < 0 ? stops.length : later
  return [[...stops.slice(0, i), { name, lon, lat, radius_m: RADIUS_M }, ...stops.slice(i)], i]
}

/** Where the line is nearest to a place: its leg, and the share of that, as one number. */
function alongOf(line: readonly LonLat[], [lon, lat]: LonLat): number {
  const narrow = Math.cos((lat * Math.PI) / 180)
  let [best, found] = [Number.POSITIVE_INFINITY, 0]
  for (let i = 0; i + 1 < line.length; i++) {
    const [x, y] = [(line[i]![0] - lon) * narrow, line[i]![1] - lat]
    const [dx, dy] = [(line[i + 1]![0] - lon) * narrow - x, line[i + 1]![1] - lat - y]
    const size = dx * dx + dy * dy
    const share = size > 0 ? Math.min(1, Math.max(0, -(x * dx + y * dy) / size)) : 0
    const off = (x + dx * share) ** 2 + (y + dy * share) ** 2
    if (off < best) [best, found] = [off, i + share]
  }
  return found
}

const PLACE = /^\s*([-+]?\d+(?:\.\d+)?)\s*(?:[,，;\s]\s*)([-+]?\d+(?:\.\d+)?)\s*$/
/** The map's own end (Web Mercator). */
const MOST_LAT = 85

/** Of "lat, lon" in degrees; null where it is none. */
export function readPlace(text: string): LonLat | null {
  const found = PLACE.exec(text)
  if (!found) return null
  const [lat, lon] = [Number(found[1]), Number(found[2])]
  return Math.abs(lat) <= MOST_LAT && Math.abs(lon) <= 180 ? [rounded(lon), rounded(lat)] : null
}

/** One a line; those that are none are told by their line, from 1. Empty lines are left out. */
export function readPlaces(text: string): { readonly places: LonLat[]; readonly wrong: number[] } {
  const places: LonLat[] = []
  const wrong: number[] = []
  text.split("\n").forEach((line, i) => {
    if (!line.trim()) return
    const place = readPlace(line)
    if (place) places.push(place)
    else wrong.push(i + 1)
  })
  return { places, wrong }
}

export const writePlace = ([lon, lat]: LonLat): string => `${rounded(lat)}, ${rounded(lon)}`

/** Of "8:00", "08:00" or "0800", as the API writes it; null where it is none. */
export function readTime(text: string): string | null {
  const [, hour, minute] = /^\s*([01]?\d|2[0-3])[:：.]?([0-5]\d)\s*$/.exec(text) ?? []
  return hour && minute ? `${hour.padStart(2, "0")}:${minute}` : null
}

/** To 1e-7 degree (11 mm), as routes are kept. */
export const rounded = (degrees: number): number => Number(degrees.toFixed(DIGITS))
