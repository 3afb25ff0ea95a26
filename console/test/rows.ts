/** Couriers for the tests. */
import type { Courier } from "../src/core/model"

const BARE: Courier = {
  courier: "mei",
  trip: "tr_1",
  route: "lap@1",
  along_m: 100,
  fraction: 0.1,
  offset_m: 3,
  confidence: 0.98,
  speed_mps: 5.2,
  arrives_at: 1_900,
  state: "on_route",
  lat: 31.2304,
  lon: 121.4737,
  t: 1_000,
  battery: 81,
  mock: 0,
  implausible: 0,
  version: 1,
}

export const courier = (change: Partial<Courier> = {}): Courier => ({ ...BARE, ...change })

/** As the wire carries them. */
export function columns(rows: readonly Courier[]): Record<string, unknown[]> {
  const names = Object.keys(BARE) as (keyof Courier)[]
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])]))
}
