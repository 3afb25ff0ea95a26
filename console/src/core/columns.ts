/** Rows out of COLUMNS: one array per field, all of equal length. */
import { type Courier, STATES, type State } from "./model"

export class BadFrame extends Error {}

type Check = (value: unknown) => boolean
const text: Check = (value) => typeof value === "string" && value !== ""
const number: Check = (value) => typeof value === "number" && Number.isFinite(value)
const nullable =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)
const state: Check = (value) => STATES.includes(value as State)

const FIELDS: Readonly<Record<keyof Courier, Check>> = {
  courier: text,
  trip: nullable(text),
  route: nullable(text),
  along_m: nullable(number),
  fraction: nullable(number),
  offset_m: nullable(number),
  confidence: nullable(number),
  speed_mps: nullable(number),
  arrives_at: nullable(number),
  state,
  lat: nullable(number),
  lon: nullable(number),
  t: nullable(number),
  battery: nullable(number),
  mock: number,
  implausible: number,
  version: number,
}
const NAMES = Object.keys(FIELDS) as (keyof Courier)[]

/** Throws BadFrame that names the field, and the row where one value is wrong. */
export function decode(columns: unknown): Courier[] {
  if (typeof columns !== "object" || columns === null) throw new BadFrame("couriers is not an object")
  const given = columns as Record<string, unknown>
  const size = Array.isArray(given.courier) ? given.courier.length : 0
  const arrays = NAMES.map((name) => {
    const column = given[name]
    if (!Array.isArray(column)) throw new BadFrame(`couriers.${name} is missing`)
    if (column.length !== size) throw new BadFrame(`couriers.${name} has ${column.length} rows, not ${size}`)
    const wrong = column.findIndex((value) => !FIELDS[name](value))
    if (wrong >= 0) throw new BadFrame(`couriers.${name}[${wrong}] is ${JSON.stringify(column[wrong])}`)
    return column as unknown[]
  })
  return Array.from({ length: size }, (_, row) => {
    const courier: Record<string, unknown> = {}
    NAMES.forEach((name, column) => {
      courier[name] = arrays[column]![row]
    })
    return courier as unknown as Courier
  })
}
