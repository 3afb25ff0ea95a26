/** crontab's five fields in words, for the common ones; the server alone says when they come. */
import { type Key, locale, t } from "../i18n"

/** To choose from; each is written into the field, where it can be changed. */
export const PATTERNS: readonly (readonly [string, Key])[] = [
  ["0 8 * * *", "cron.pattern.daily"],
  ["0 8 * * 1-5", "cron.pattern.weekdays"],
  ["0 9 * * 6,0", "cron.pattern.weekend"],
  ["0 8 * * 1", "cron.pattern.weekly"],
  ["0 8 1 * *", "cron.pattern.monthly"],
  ["0 8-18 * * 1-5", "cron.pattern.hourly"],
]
/** More times than these are not listed one by one. */
const MOST_TIMES = 4
const SUNDAY = Date.UTC(2024, 0, 7)
const DAY_MS = 86_400_000

/** "Monday to Friday at 08:00"; null for what is not common. */
export function inWords(cron: string): string | null {
  const [minute = "", hour = "", day = "", month = "", weekday = "", ...more] = cron.trim().split(/\s+/)
  if (more.length > 0 || month !== "*") return null
  const on = days(day, weekday)
  const at = times(minute, hour)
  return on !== null && at !== null ? t("cron.said", { days: on, times: at }) : null
}

function days(day: string, weekday: string): string | null {
  if (day === "*" && weekday === "*") return t("cron.daily")
  if (day === "*") {
    const [from, to] = range(weekday, 7)
    if (from !== undefined && to !== undefined)
      return t("cron.range", { from: dayName(from), to: dayName(to) })
    const list = numbers(weekday, 7)
    return list && t("cron.weekdays", { days: listed(list.map(dayName)) })
  }
  const list = weekday === "*" ? numbers(day, 31) : null
  return list && t("cron.monthly", { days: listed(list.map(String)) })
}

function times(minute: string, hour: string): string | null {
  const step = /^\*\/(\d{1,2})$/.exec(minute)
  if (step && hour === "*") return t("cron.minutes", { n: Number(step[1]) })
  const [at] = numbers(minute, 59) ?? []
  if (at === undefined || minute.includes(",")) return null
  if (hour === "*") return t("cron.hours", { minute: two(at) })
  const [from, to] = range(hour, 23)
  const clock = (value: number) => `${two(value)}:${two(at)}`
  if (from !== undefined && to !== undefined) return t("cron.hourly", { from: clock(from), to: clock(to) })
  const list = numbers(hour, 23)
  return list && list.length <= MOST_TIMES ? t("cron.at", { times: listed(list.map(clock)) }) : null
}

function numbers(field: string, most: number): number[] | null {
  const list = field.split(",")
  return list.every((one) => /^\d{1,2}$/.test(one) && Number(one) <= most) ? list.map(Number) : null
}

function range(field: string, most: number): number[] {
  const found = /^(\d{1,2})-(\d{1,2})$/.exec(field)
  const ends = found ? [Number(found[1]), Number(found[2])] : []
  return ends.every((end) => end <= most) ? ends : []
}

const two = (value: number) => String(value).padStart(2, "0")
const listed = (parts: readonly string[]) =>
  new Intl.ListFormat(locale(), { type: "conjunction" }).format(parts)
const dayName = (weekday: number) =>
  new Intl.DateTimeFormat(locale(), { weekday: "long", timeZone: "UTC" }).format(
    SUNDAY + (weekday % 7) * DAY_MS,
  )
