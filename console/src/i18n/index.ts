/** The language of the page, and numbers, ages and distances in it. */
import { en, type Key } from "./en"
import { zh } from "./zh"

export type { Key }
export const LANGUAGES = { en: "English", zh: "中文" } as const
export type Language = keyof typeof LANGUAGES

const KEY = "milepost.language"
const TABLES = { en, zh }
const LOCALES = { en: "en-GB", zh: "zh-CN" }

let language: Language = "en"
let whole: Intl.NumberFormat
let tenth: Intl.NumberFormat
let tenths: Intl.NumberFormat
let share: Intl.NumberFormat
let clock: Intl.DateTimeFormat
let minute: Intl.DateTimeFormat
let day: Intl.DateTimeFormat

export function initialLanguage(): Language {
  const kept = localStorage.getItem(KEY)
  if (kept === "en" || kept === "zh") return kept
  const first = navigator.languages.find((tag) => /^(en|zh)\b/.test(tag))
  return first?.startsWith("zh") ? "zh" : "en"
}

export function setLanguage(next: Language): void {
  language = next
  const locale = LOCALES[next]
  whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })
  tenth = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
  share = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 })
  clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" })
  minute = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" })
  day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" })
}
setLanguage("en")

export function keepLanguage(next: Language): void {
  localStorage.setItem(KEY, next)
}

/** Like `t` of a name that is put together; null where there is no such text, or a value of it is missing. */
export function word(key: string, values: Readonly<Record<string, string | number>> = {}): string | null {
  if (!(key in en)) return null
  const holes = [...en[key as Key].matchAll(/\{(\w+)\}/g)]
  return holes.every(([, name]) => name! in values) ? t(key as Key, values) : null
}

export const currentLanguage = (): Language => language
export const locale = (): string => LOCALES[language]

export function t(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
  return TABLES[language][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""))
}

export const number = (value: number): string => whole.format(value)
/** 0..1; never rounds up to 100 % before the end. */
export const percent = (fraction: number): string => share.format(Math.floor(fraction * 100 + 1e-9) / 100)
/** Unix seconds as a wall-clock time. */
export const time = (at: number): string => clock.format(at * 1000)

/** The same to the minute. */
export const hour = (at: number): string => minute.format(at * 1000)

/** With its day. */
export const moment = (at: number): string => day.format(at * 1000)

/** Metres; `round`: a figure that is whole by its nature needs no tenths. */
export function distance(metres: number, round = false): string {
  if (metres < 995) return `${whole.format(metres < 100 ? metres : Math.round(metres / 10) * 10)} m`
  return `${metres < 99_500 && !round ? tenths.format(metres / 1000) : whole.format(metres / 1000)} km`
}

/** Metres as they are, not rounded as distances are: where two are told apart. */
export const metres = (metres: number): string => `${tenth.format(metres)} m`

/** Metres per second as km/h. */
export const speed = (mps: number): string => `${whole.format(mps * 3.6)} km/h`

/** How long ago [s]. */
export function ago(seconds: number): string {
  if (seconds < 3) return t("age.now")
  if (seconds < 100) return t("age.seconds", { n: Math.floor(seconds) })
  if (seconds < 5_400) return t("age.minutes", { n: Math.floor(seconds / 60) })
  if (seconds < 129_600) return t("age.hours", { n: Math.floor(seconds / 3_600) })
  return t("age.days", { n: Math.floor(seconds / 86_400) })
}

/** A span [s], in minutes and more. */
export function span(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return t("time.minutes", { n: minutes })
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return t("time.hours", { h: hours, m: minutes % 60 })
  return t("time.days", { d: Math.floor(hours / 24), h: hours % 24 })
}

/** With all decimals that it has: the server knows each currency's, and browsers differ in some. */
export function money(amount: string, currency: string): string {
  const digits = amount.split(".")[1]?.length ?? 0
  return kept(`${currency} ${digits}`, (locale) => {
    const look = { style: "currency", currency } as const
    const usual = new Intl.NumberFormat(locale, look).resolvedOptions().maximumFractionDigits ?? 0
    return new Intl.NumberFormat(locale, { ...look, minimumFractionDigits: Math.max(usual, digits) })
  }).format(Number(amount))
}

const formats = new Map<string, unknown>()

/** A format of the language, made once: a long list asks for it with each row. `name`: no other has it. */
export function kept<F>(name: string, make: (locale: string) => F): F {
  const key = `${language} ${name}`
  const known = formats.get(key) as F | undefined
  if (known) return known
  const made = make(LOCALES[language])
  formats.set(key, made)
  return made
}
