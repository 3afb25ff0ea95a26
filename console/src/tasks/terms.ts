/** The terms of a bonus in words, one sentence a rule. */
import { money, number, t } from "../i18n"
import type { Bonus } from "./tasks"

/** The base first; a rule that this console does not know is named with its terms. */
export function sentences({ amount, currency, rules }: Bonus): string[] {
  const said = Object.entries(rules).map(([rule, terms]) => sentence(rule, terms, currency))
  return [t("terms.base", { amount: money(amount, currency) }), ...said]
}

function sentence(rule: string, terms: Bonus["rules"][string], currency: string): string {
  const paid = (term: string) => money(String(terms[term] ?? "0"), currency)
  const count = (term: string) => Number(terms[term] ?? 0)
  const some = (term: string) => Number(terms[term] ?? 0) > 0
  switch (rule) {
    case "on_time":
      return t("terms.on_time", { reward: paid("reward") })
    case "late": {
      const each = { each: paid("per_minute"), grace: number(count("grace_minutes")) }
      return some("grace_minutes") ? t("terms.late.grace", each) : t("terms.late", each)
    }
    case "coverage": {
      const shares = { full: count("full_percent"), none: count("none_percent") }
      return some("none_percent") ? t("terms.coverage.none", shares) : t("terms.coverage", shares)
    }
    case "off_route": {
      const each = { each: paid("per_km"), free: number(count("free_m")) }
      return some("free_m") ? t("terms.off_route.free", each) : t("terms.off_route", each)
    }
    case "limits": {
      const bounds = { least: paid("least"), most: paid("most") }
      if (terms.most === null || terms.most === undefined) return t("terms.least", bounds)
      return some("least") ? t("terms.limits", bounds) : t("terms.most", bounds)
    }
    default:
      return `${rule} ${JSON.stringify(terms)}`
  }
}
