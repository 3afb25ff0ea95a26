/** Routes by reference: names at once, geometry when a courier refers to it. Published routes never change. */
import { call, Problem } from "./api"
import { Line } from "./geometry"
import type { Stop } from "./stops"

interface Listed {
  readonly route: string
  readonly name: string
  readonly length_m: number
}
interface Feature {
  readonly geometry: { readonly coordinates: [number, number][] }
  readonly properties: Listed & { readonly stops: readonly Stop[] }
}

const AGAIN_MS = 30_000

export class Routes {
  readonly lines = new Map<string, Line>()
  private readonly listed = new Map<string, Listed>()
  /** Being fetched, or not to be asked for again before this time [ms]. */
  private readonly asked = new Map<string, number>()

  /** `arrived`: which geometry has come; null for the names. */
  constructor(
    private readonly base: string,
    private readonly token: string,
    private readonly arrived: (route: string | null) => void,
  ) {}

  name(route: string): string {
    return this.listed.get(route)?.name ?? route
  }

  length(route: string): number | null {
    return this.listed.get(route)?.length_m ?? null
  }

  /** Fills in the names. Raises Problem or Unreachable. */
  async list(): Promise<void> {
    const said = (await call(`${this.base}/v1/routes`, { token: this.token })) as { routes: Listed[] }
    for (const route of said.routes) this.listed.set(route.route, route)
    this.arrived(null)
  }

  /** The geometry if it is here; else it is fetched, and `arrived` tells. */
  line(route: string): Line | null {
    const line = this.lines.get(route)
    if (!line && (this.asked.get(route) ?? 0) <= Date.now()) void this.fetch(route)
    return line ?? null
  }

  /** Fetches the geometry of the first `count` listed ones. */
  some(count: number): void {
    for (const route of [...this.listed.keys()].slice(0, count)) this.line(route)
  }

  private async fetch(route: string): Promise<void> {
    this.asked.set(route, Number.POSITIVE_INFINITY)
    try {
      const url = `${this.base}/v1/routes/${encodeURIComponent(route).replace("%40", "@")}`
      const { geometry, properties } = (await call(url, { token: this.token })) as Feature
      const { name, length_m, stops } = properties
      const line = new Line(route, name, geometry.coordinates, length_m, stops)
      this.lines.set(route, line)
      this.listed.set(route, properties)
      this.arrived(route)
    } catch (error) {
      // A courier without its line is still shown by its position; the next update asks again.
      const never = error instanceof Problem && error.status < 500
      this.asked.set(route, never ? Number.POSITIVE_INFINITY : Date.now() + AGAIN_MS)
    }
  }
}
