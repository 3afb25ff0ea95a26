/** What the server says in English, in the page's language where its numbers or its form are known. */
import type { TripState } from "../core/trips"
import { type Key, money, number, t, time, word } from "../i18n"
import type { AuditLine, BonusLine } from "./trips"

export const stateWord = (state: TripState): string => t(`trip.state.${state}` as Key)

export const ruleWord = (rule: string): string => word(`bonus.rule.${rule}`) ?? rule

/** Why a line of a bonus is there. */
export function why({ rule, text, given }: BonusLine, currency: string): string {
  const values = Object.entries(given)
  const unfit = values.some(([, value]) => !["string", "number"].includes(typeof value))
  const holes = Object.fromEntries(values.map((it) => shown(it, currency)))
  return (unfit ? null : word(`bonus.line.${sort(rule, given)}`, holes)) ?? text
}

/** Some rules' lines are of several sorts, told apart by what is given. */
function sort(rule: string, given: BonusLine["given"]): string {
  if (rule === "limits") return "most" in given ? "most" : "least"
  if (rule !== "on_time" || !("counts" in given)) return rule
  if (given.counts === "ride") return "arrived_at" in given ? "on_time.there" : "on_time.far"
  return `on_time.${given.counts}`
}

const AMOUNTS = new Set(["per_minute", "per_km", "least", "most"])
const TIMES = new Set(["finished_at", "not_before", "arrived_at"])

function shown([name, value]: [string, unknown], currency: string): [string, string] {
  if (AMOUNTS.has(name)) return [name, money(String(value), currency)]
  if (TIMES.has(name)) return [name, time(Number(value))]
  return [name, typeof value === "number" ? number(value) : String(value)]
}

export const actionWord = (action: string): string => word(`trip.action.${action}`) ?? action

/** Who did it: what no person did has a name of its own. */
export function who({ by, role }: AuditLine): string {
  return role === "system" ? t("trip.by.system") : `${by} · ${word(`role.${role}`) ?? role}`
}

const SETTLED = /^revision (\d+): (-?[\d.]+) ([A-Z]{3})$/

/** A line's note, of which the system writes some. `payout`: it is the name of one. */
export function remark({ action, role, note }: AuditLine): { text: string; payout: boolean } {
  const [, revision, total, currency] = SETTLED.exec(note) ?? []
  if (role === "system" && revision && total && currency) {
    return { text: t("trip.note.settled", { revision, total: money(total, currency) }), payout: false }
  }
  return { text: note, payout: action === "pay" && note.startsWith("po_") }
}
