/** Which alerts a fleet's managers are told of, and from when on, as the tasks stack keeps it. */
import { KINDS, type Kind } from "../core/alerts"
import { type Desk, path } from "../core/desk"

export type Unit = "s" | "%"

/** `first`: what a fleet has that has said nothing; `low`, `high`: what it may say. All in `unit`. */
export interface Threshold {
  readonly first: number
  readonly unit: Unit
  readonly low: number
  readonly high: number
}

export const THRESHOLDS = {
  silent_after_s: { first: 300, unit: "s", low: 120, high: 86_400 },
  late_by_s: { first: 300, unit: "s", low: 0, high: 86_400 },
  battery_below_percent: { first: 15, unit: "%", low: 1, high: 90 },
  abandon_after_s: { first: 14_400, unit: "s", low: 1_800, high: 604_800 },
} as const satisfies Readonly<Record<string, Threshold>>

export type ThresholdName = keyof typeof THRESHOLDS
export const NAMES = Object.keys(THRESHOLDS) as readonly ThresholdName[]

/** The threshold that a kind has, shown with it; `abandon_after_s` belongs to no kind. */
export const OF_KIND: Readonly<Partial<Record<Kind, ThresholdName>>> = {
  silent: "silent_after_s",
  late: "late_by_s",
  low_battery: "battery_below_percent",
}

export type Rules = { readonly kinds: readonly string[] } & Readonly<Record<ThresholdName, number>>

export const DEFAULTS: Rules = {
  kinds: KINDS,
  ...(Object.fromEntries(NAMES.map((name) => [name, THRESHOLDS[name].first])) as Record<
    ThresholdName,
    number
  >),
}

export const rules = (desk: Desk, signal: AbortSignal): Promise<Rules> =>
  desk.get(path("fleet", "rules"), signal)

export const putRules = (desk: Desk, body: Rules): Promise<Rules> =>
  desk.put(path("fleet", "rules"), { body })

/** The same kinds, in whatever order, and the same thresholds. */
export function same(a: Rules, b: Rules): boolean {
  const kinds = (it: Rules) => [...it.kinds].sort().join()
  return kinds(a) === kinds(b) && NAMES.every((name) => a[name] === b[name])
}

/** The kinds to show: ours in their order, and those that a newer server has. */
export function shownKinds(rules: Rules): readonly string[] {
  return [...KINDS, ...rules.kinds.filter((kind) => !(KINDS as readonly string[]).includes(kind))]
}

/** What was typed as a whole number; null where it is none, or outside the bounds. */
export function read(name: ThresholdName, typed: string): number | null {
  const { low, high } = THRESHOLDS[name]
  const value = /^\d+$/.test(typed.trim()) ? Number(typed) : Number.NaN
  return value >= low && value <= high ? value : null
}
