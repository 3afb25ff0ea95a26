/** Where the APIs are, as the server that served this page says. */
import { call } from "./api"

export interface MapConfig {
  /** Template of a raster tile address with {z}, {x} and {y}. */
  readonly tiles: string | null
  /** Address of a MapLibre style. */
  readonly style: string | null
  readonly attribution: string | null
}

export interface Config {
  readonly apis: { readonly pipeline: string; readonly accounts: string; readonly tasks: string }
  readonly live: string
  readonly fleet: string
  readonly map: MapConfig
}

export class BadConfig extends Error {}

/** Raises Problem, Unreachable or BadConfig. */
export async function loadConfig(): Promise<Config> {
  return check(await call("config.json"))
}

export function check(said: unknown): Config {
  const { apis, live, fleet, map } = (said ?? {}) as Record<string, unknown>
  const { pipeline, accounts, tasks } = (apis ?? {}) as Record<string, unknown>
  const { tiles, style, attribution } = (map ?? {}) as Record<string, unknown>
  return {
    apis: {
      pipeline: address(pipeline, "apis.pipeline"),
      accounts: address(accounts, "apis.accounts"),
      tasks: address(tasks, "apis.tasks"),
    },
    live: address(live, "live"),
    fleet: typeof fleet === "string" ? fleet : "demo",
    map: { tiles: optional(tiles), style: optional(style), attribution: optional(attribution) },
  }
}

function address(value: unknown, name: string): string {
  if (typeof value !== "string" || value === "") throw new BadConfig(`config.json: ${name} is missing`)
  return value.replace(/\/$/, "")
}

const optional = (value: unknown): string | null => (typeof value === "string" && value ? value : null)
