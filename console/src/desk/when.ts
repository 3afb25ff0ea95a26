/** Moments as people say them: near ones by how far they are, the others by clock and day. They age by `age`. */
import { kept, moment, t } from "../i18n"
import { h, write } from "../ui/dom"

const MINUTE = 60
/** Up to here a moment is said by the minutes that are between [s]. */
const NEAR = 90 * MINUTE

/** An element that says when `at` [Unix s] is. */
export function when(at: number): HTMLTimeElement {
  const iso = new Date(at * 1000).toISOString()
  return h("time", { datetime: iso, "data-at": at, title: moment(at) }, said(at))
}

/** An element that says how far `at` is, for beside its date. */
export function away(at: number): HTMLElement {
  return h("span", { class: "quiet", "data-away": at }, distant(at))
}

/** What `when` and `away` made under `root`, said as of now. */
export function age(root: ParentNode): void {
  for (const time of root.querySelectorAll<HTMLElement>("time[data-at]")) {
    write(time, said(Number(time.dataset.at)))
  }
  for (const far of root.querySelectorAll<HTMLElement>("[data-away]")) {
    write(far, distant(Number(far.dataset.away)))
  }
}

/** now: Unix seconds. */
export function said(at: number, now: number = Date.now() / 1000): string {
  if (Math.abs(at - now) < NEAR) return distant(at, now)
  const days = Math.round((midnight(at) - midnight(now)) / 86_400)
  const clock = dated("clock", at, { hour: "2-digit", minute: "2-digit" })
  if (days === 0) return clock
  if (Math.abs(days) === 1) return `${relative("auto").format(days, "day")} ${clock}`
  const day = { day: "numeric", month: "short" } as const
  const thisYear = new Date(at * 1000).getFullYear() === new Date(now * 1000).getFullYear()
  return `${thisYear ? dated("day", at, day) : dated("year", at, { ...day, year: "numeric" })}, ${clock}`
}

function distant(at: number, now: number = Date.now() / 1000): string {
  const away = at - now
  if (away <= 0 && away > -MINUTE / 2) return t("age.now")
  if (Math.abs(away) < NEAR) return relative("auto").format(Math.round(away / MINUTE), "minute")
  if (Math.abs(away) < 36 * 3_600) return relative("always").format(Math.round(away / 3_600), "hour")
  return relative("always").format(Math.round(away / 86_400), "day")
}

const relative = (numeric: "auto" | "always") =>
  kept(`relative ${numeric}`, (locale) => new Intl.RelativeTimeFormat(locale, { numeric, style: "short" }))
const dated = (name: string, at: number, look: Intl.DateTimeFormatOptions) =>
  kept(`when ${name}`, (locale) => new Intl.DateTimeFormat(locale, look)).format(at * 1000)

/** The beginning of its day here, as if days had no clock changes [s]. */
function midnight(at: number): number {
  const day = new Date(at * 1000)
  return Date.UTC(day.getFullYear(), day.getMonth(), day.getDate()) / 1000
}
