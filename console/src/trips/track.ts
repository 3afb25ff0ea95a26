/** A trip as the pipeline tells it: its progress or its settled record, its pings, and its route's line. */
import { Problem, Unreachable } from "../core/api"
import { type Desk, path, query } from "../core/desk"
import { Line } from "../core/geometry"
import type { Stop } from "../core/stops"

export interface Settled {
  readonly revision: number
  readonly distance_m: number
  readonly moving_s: number
  readonly average_mps: number | null
  readonly progress: { readonly along_m: number; readonly fraction: number; readonly covered: number }
  readonly off_route: {
    readonly count: number
    readonly length_m: number
    readonly incidents: readonly { readonly lat: number; readonly lon: number }[]
  }
  readonly stops: readonly { readonly visited: boolean }[]
  readonly quality: {
    readonly pings: number
    readonly longest_gap_s: number
    readonly mock: { readonly count: number }
    readonly implausible: { readonly count: number }
  }
}

export interface Standing {
  /** While it runs. */
  readonly progress: { readonly along_m: number | null; readonly fraction: number | null } | null
  /** Pings came that the record does not know yet. */
  readonly settling: boolean
  readonly settled: Settled | null
}

export interface Ping {
  /** Unix seconds. */
  readonly t: number
  readonly lat: number
  readonly lon: number
}

/** So many pages of pings are drawn at most: two days of a ping every 10 s. */
const PAGES = 4
const PAGE = 5_000

/** Of a trip that has started; null where the pipeline does not answer: what it pays is seen all the same. */
export async function standing(pipeline: Desk, trip: string, signal: AbortSignal): Promise<Standing | null> {
  try {
    return await pipeline.get<Standing>(path("trips", trip), signal)
  } catch (error) {
    if (error instanceof Problem || error instanceof Unreachable) return null
    throw error
  }
}

export async function track(pipeline: Desk, trip: string, signal: AbortSignal): Promise<readonly Ping[]> {
  const found: Ping[] = []
  let after: string | null = null
  for (let page = 0; page < PAGES && (page === 0 || after !== null); page++) {
    const asked: string = `${path("trips", trip, "track")}${query({ after, limit: PAGE })}`
    const said: { readonly pings: readonly Ping[]; readonly next: string | null } = await pipeline.get(
      asked,
      signal,
    )
    found.push(...said.pings)
    after = said.next
  }
  return found
}

interface Feature {
  readonly geometry: { readonly coordinates: [number, number][] }
  readonly properties: { readonly name: string; readonly length_m: number; readonly stops: readonly Stop[] }
}

export async function line(desk: Desk, route: string, signal: AbortSignal): Promise<Line> {
  const { geometry, properties } = await desk.get<Feature>(path("routes", route), signal)
  return new Line(route, properties.name, geometry.coordinates, properties.length_m, properties.stops)
}
