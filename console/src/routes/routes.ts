/** Routes and their drafts, as the tasks stack tells them, and what an admin does with them. */
import { Problem } from "../core/api"
import { type Desk, path, query } from "../core/desk"
import { type Format, TYPES } from "./files"
import { version } from "./thing"

/** A function's request is 6 MB at most; coordinates pack to an eighth. */
const GZIP_FROM = 1_000_000

export type LonLat = readonly [number, number]

export interface Stop {
  readonly name: string
  /** Degrees, WGS-84. */
  readonly lon: number
  readonly lat: number
  readonly radius_m: number
  /** Local times of the route's zone; both or neither. */
  readonly opens?: string | null
  readonly closes?: string | null
}

export interface Version {
  /** With its version: lap@2. */
  readonly route: string
  readonly name: string
  readonly length_m: number
  readonly state: "published" | "retired"
}

export interface Draft {
  /** The id: lap. */
  readonly route: string
  readonly name: string
  /** Null where the line can be no route yet. */
  readonly length_m: number | null
  readonly state: "draft"
  readonly revision: number
  /** Unix seconds. */
  readonly changed_at: number
  readonly changed_by: string
}

export interface PlacedStop extends Stop {
  /** Metres along the route. */
  readonly along_m: number
}

interface Feature<P> {
  readonly geometry: { readonly coordinates: readonly LonLat[] }
  readonly properties: P
}

export type WholeVersion = Feature<
  Version & {
    readonly stops: readonly PlacedStop[]
    readonly time_zone?: string
    readonly retired_at?: number
  }
>

export interface Warning {
  readonly code: string
  /** In the server's words. */
  readonly detail: string
  readonly blocks: boolean
  /** Of the point of the line or of the stop, from 0. */
  readonly index?: number
  readonly along_m?: number
  readonly lon?: number
  readonly lat?: number
  readonly amount?: number
  readonly unit?: "m" | "degrees" | "share"
}

export interface Preview {
  readonly publishable: boolean
  readonly length_m: number | null
  readonly vertices: { readonly drawn: number; readonly simplified: number | null }
  readonly duration_s: number | null
  readonly pace: { readonly speed_mps: number; readonly dwell_s: number; readonly wait_s: number }
  /** Null where a stop cannot be placed; seconds after the start. */
  readonly stops: readonly (Stop & { readonly along_m: number | null; readonly arrives_s: number | null })[]
  readonly starts: readonly (readonly [string, string])[] | null
  /** From and to, in metres along. */
  readonly overlaps: readonly (readonly [number, number])[]
  readonly warnings: readonly Warning[]
}

export type WholeDraft = Feature<
  Draft & {
    readonly stops: readonly Stop[]
    readonly time_zone?: string | null
    readonly preview: Preview
  }
>

/** What a draft is made of. */
export interface NewDraft {
  readonly line: { readonly type: "LineString"; readonly coordinates: readonly LonLat[] }
  readonly stops: readonly Stop[]
  readonly name: string
  readonly time_zone: string | null
}

/** What is said beside a file; "" leaves it to the file. */
export interface Beside {
  readonly name: string
  readonly datum: string
  readonly time_zone: string
}

export async function versions(
  desk: Desk,
  state: "published" | "retired",
  signal: AbortSignal,
): Promise<readonly Version[]> {
  const said = await desk.get<{ routes: Version[] }>(`${path("routes")}${query({ state })}`, signal)
  return said.routes
}

export async function drafts(desk: Desk, signal: AbortSignal): Promise<readonly Draft[]> {
  const said = await desk.get<{ routes: Draft[] }>(`${path("routes")}${query({ state: "draft" })}`, signal)
  return said.routes
}

export const wholeVersion = (desk: Desk, route: string, signal: AbortSignal): Promise<WholeVersion> =>
  desk.get(path("routes", route), signal)

export const wholeDraft = (desk: Desk, id: string, signal?: AbortSignal): Promise<WholeDraft> =>
  desk.get(path("routes", id, "draft"), signal)

/** The same; null where there is none. */
export async function draftOf(desk: Desk, id: string, signal: AbortSignal): Promise<WholeDraft | null> {
  try {
    return await wholeDraft(desk, id, signal)
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null
    throw error
  }
}

/** `revision`: what it is made from; null: there must be no draft yet. */
export const putDraft = (desk: Desk, id: string, body: NewDraft, revision: number | null): Promise<Draft> =>
  desk.put(path("routes", id, "draft"), { body: { ...body, revision } })

/** As `putDraft`, from a file. Its bytes go as they are: an XML file says its encoding itself. */
export async function importDraft(
  desk: Desk,
  id: string,
  { file, format }: { readonly file: File; readonly format: Format },
  beside: Beside,
  revision: number | null,
): Promise<Draft> {
  const gzip = file.size > GZIP_FROM
  const packed = () => new Response(file.stream().pipeThrough(new CompressionStream("gzip"))).blob()
  const text = { type: TYPES[format], text: gzip ? await packed() : file, gzip }
  const match = revision === null ? {} : { match: revision }
  return desk.put(`${path("routes", id, "draft")}${query({ format, ...beside })}`, { text, ...match })
}

export const throwAway = (desk: Desk, { route, revision }: Draft): Promise<unknown> =>
  desk.delete(path("routes", route, "draft"), revision)

export const publish = (desk: Desk, { route, revision }: Draft): Promise<Version> =>
  desk.post(path("routes", route, "publish"), { revision })

/** One version, or by an id all that there are. */
export const retire = (desk: Desk, route: string): Promise<unknown> =>
  desk.post(path("routes", route, "retire"))

/** The same line and stops again, as a draft. */
export function again({ geometry, properties }: WholeVersion): NewDraft {
  const { name, stops, time_zone } = properties
  const line = { type: "LineString" as const, coordinates: geometry.coordinates }
  return { line, name, stops: stops.map(bare), time_zone: time_zone ?? null }
}

/** Without what the server finds anew. */
export function bare({ name, lon, lat, radius_m, opens, closes }: Stop): Stop {
  return { name, lon, lat, radius_m, ...(opens && { opens }), ...(closes && { closes }) }
}

/** Each route's newest version, by name, and under it the older ones. */
export function shelved<V extends Version>(found: readonly V[]): (V & { readonly older: boolean })[] {
  const routes = new Map<string, V[]>()
  for (const one of found) {
    const { id } = version(one.route)
    routes.set(id, [...(routes.get(id) ?? []), one])
  }
  const number = (one: V) => version(one.route).version
  return [...routes.values()]
    .map((all) => all.sort((a, b) => number(b) - number(a)))
    .sort(([a], [b]) => a!.name.localeCompare(b!.name) || a!.route.localeCompare(b!.route))
    .flatMap((all) => all.map((one, i) => ({ ...one, older: i > 0 })))
}
