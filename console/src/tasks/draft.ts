/** What stands in the form of a new task ↔ what the tasks API takes. Nothing here decides what a task may be. */
import type { Values, Wrong } from "../desk/form"
import type { Bonus, Job, Recurring, Schedule, Task } from "./tasks"

export const ONCE = "once"
export const AGAIN = "again"
/** The terms of each rule of a bonus: amounts are text, the others whole numbers. */
export const RULES = {
  on_time: [["reward", "money"]],
  late: [
    ["per_minute", "money"],
    ["grace_minutes", "whole"],
  ],
  coverage: [
    ["full_percent", "whole"],
    ["none_percent", "whole"],
  ],
  off_route: [
    ["per_km", "money"],
    ["free_m", "whole"],
  ],
  limits: [
    ["least", "money"],
    ["most", "money"],
  ],
} as const satisfies Record<string, readonly (readonly [string, "money" | "whole"])[]>
export type RuleName = keyof typeof RULES
export const RULE_NAMES = Object.keys(RULES) as RuleName[]
const NEEDED: ReadonlySet<string> = new Set(["reward", "per_minute", "full_percent", "per_km"])

/** When a task's claims and starts end; the form's names, and the API's. */
export const TIMES = ["opens", "closes", "start_from", "start_until", "deadline"] as const
export const SPANS = ["closes_after", "start_from_after", "start_until_after", "deadline_after"] as const
/** Minutes of each unit that a span is said in. */
export const UNITS = { minutes: 1, hours: 60, days: 1_440 } as const
const DAY_MS = 86_400_000

export const ruled = (rule: RuleName, term?: string) => `bonus.rules.${rule}${term ? `.${term}` : ""}`
export const unit = (span: string) => `${span}.unit`

/** A form that nobody has written in yet. */
export function blank(zone: string, currency: string): Values {
  const spans = SPANS.flatMap((span) => [
    [span, ""],
    [unit(span), "hours"],
  ])
  const rules = RULE_NAMES.flatMap((rule) => [
    [ruled(rule), ""],
    ...RULES[rule].map(([term]) => [ruled(rule, term), ""]),
  ])
  const texts = ["route", "title", "tags", "notes", "bonus.amount", "cron", ...TIMES].map((name) => [
    name,
    "",
  ])
  return {
    ...Object.fromEntries([...texts, ...spans, ...rules]),
    quantity: "1",
    photos: "0",
    "bonus.currency": currency,
    mode: ONCE,
    time_zone: zone,
  }
}

/** Another task like this one, at the same time of the next day on which it can be. now: Unix seconds. */
export function likeTask(task: Task, now: number, zone: string): Values {
  const days = Math.max(0, Math.ceil(((now - task.deadline) * 1000) / DAY_MS))
  const later = (at: number) => local(shifted(at, days))
  const ends = (at: number, end: number) => (at === end ? "" : later(at))
  return {
    ...blank(zone, task.bonus.currency),
    ...like(task),
    mode: ONCE,
    // Who planned an opening named a minute; the others open when they are made.
    opens: task.opens % 60 === 0 ? later(task.opens) : "",
    closes: ends(task.closes, task.start_until),
    start_from: task.start_from === null ? "" : later(task.start_from),
    start_until: ends(task.start_until, task.deadline),
    deadline: later(task.deadline),
  }
}

export function likeSchedule({ task, cron, time_zone }: Schedule): Values {
  const spans = SPANS.flatMap((span) => Object.entries(spanned(span, task[span] ?? null)))
  return {
    ...blank(time_zone, task.bonus.currency),
    ...like(task),
    ...Object.fromEntries(spans),
    mode: AGAIN,
    cron,
    time_zone,
  }
}

/** The request of what stands in the form, or what is missing or no number. */
export function body(values: Values): { readonly body: object } | { readonly wrong: readonly Wrong[] } {
  const wrong: Wrong[] = []
  const { said, whole, needed } = reading(values, wrong)
  const job = {
    route: needed("route"),
    title: said("title"),
    quantity: whole("quantity"),
    bonus: paying(values, needed, whole),
    tags: said("tags")
      .split(/[\s,，、]+/)
      .filter(Boolean),
    photos: whole("photos"),
    notes: said("notes"),
  }
  const ready = said("mode") === AGAIN ? again(job) : once(job)
  return wrong.length ? { wrong } : { body: ready }

  function once(job: object): object {
    needed("deadline")
    const times = TIMES.filter((name) => said(name) !== "").map(
      (name) => [name, seconds(said(name))] as const,
    )
    for (const [field, at] of times) if (Number.isNaN(at)) wrong.push({ field, key: "form.time" })
    return { ...job, ...Object.fromEntries(times) }
  }

  function again(job: object): object {
    const cron = needed("cron")
    needed("deadline_after")
    const spans = SPANS.filter((name) => said(name) !== "").map((name) => {
      const minutes = Number(said(name)) * UNITS[said(unit(name)) as keyof typeof UNITS]
      if (!/^\d{1,9}(\.\d+)?$/.test(said(name)) || !Number.isInteger(minutes))
        wrong.push({ field: name, key: "form.minutes" })
      return [name, minutes]
    })
    const task = { ...job, ...Object.fromEntries(spans) }
    return { cron, time_zone: needed("time_zone"), task }
  }
}

/** The bonus alone, as a request has it; or what is missing of it, or no number. */
export function askedBonus(values: Values): { readonly bonus: Bonus } | { readonly wrong: readonly Wrong[] } {
  const wrong: Wrong[] = []
  const { whole, needed } = reading(values, wrong)
  const bonus = paying(values, needed, whole)
  return wrong.length ? { wrong } : { bonus }
}

type Needed = (name: string) => string
type Whole = (name: string) => number | undefined

/** What stands in the fields; what is missing, or no whole number, is put into `wrong`. */
function reading(values: Values, wrong: Wrong[]) {
  const said = (name: string) => values[name] ?? ""
  const whole: Whole = (name) => {
    if (said(name) === "") return undefined
    if (/^\d{1,9}$/.test(said(name))) return Number(said(name))
    wrong.push({ field: name, key: "form.whole" })
    return undefined
  }
  const needed: Needed = (name) => {
    if (said(name) === "") wrong.push({ field: name, key: "desk.needed" })
    return said(name)
  }
  return { said, whole, needed }
}

function paying(values: Values, needed: Needed, whole: Whole): Bonus {
  const [amount, currency] = [needed("bonus.amount"), needed("bonus.currency").toUpperCase()]
  return { amount, currency, rules: rules(values, needed, whole) }
}

/** The bonus as far as it is written; null while its amount is none. */
export function bonus(values: Values): Bonus | null {
  const amount = values["bonus.amount"] ?? ""
  const currency = (values["bonus.currency"] ?? "").toUpperCase()
  if (!MONEY.test(amount) || !/^[A-Z]{3}$/.test(currency)) return null
  let whole = true
  const rest = rules(
    values,
    (name) => {
      whole &&= MONEY.test(values[name] ?? "")
      return values[name] ?? ""
    },
    (name) => (/^\d{1,9}$/.test(values[name] ?? "") ? Number(values[name]) : undefined),
  )
  return whole ? { amount, currency, rules: rest } : null
}
const MONEY = /^\d{1,12}(\.\d{1,3})?$/

/** The form's field that a fault of the server is about; its own name where the form has none. */
export function fieldOf(fault: string, mode: string, has: (name: string) => boolean): string {
  const plain = fault.replace(/^task\./, "").replace(/\[\d+\].*$/, "")
  if (plain.endsWith(".currency")) return "bonus.currency"
  if (mode === AGAIN && has(`${plain}_after`)) return `${plain}_after`
  for (let name = plain; name.includes("."); name = name.slice(0, name.lastIndexOf("."))) {
    if (has(name)) return name
  }
  return plain
}

function rules(values: Values, needed: Needed, whole: Whole): Bonus["rules"] {
  const chosen = RULE_NAMES.filter((rule) => values[ruled(rule)])
  const made = chosen.map((rule) => {
    const terms = RULES[rule].map(([term, kind]) => {
      const name = ruled(rule, term)
      const text = NEEDED.has(term) ? needed(name) : values[name]
      return [term, text ? (kind === "whole" ? whole(name) : needed(name)) : undefined]
    })
    return [rule, Object.fromEntries(terms.filter(([, value]) => value !== undefined))]
  })
  return Object.fromEntries(made)
}

function like(job: Job | Recurring): Values {
  const values: Values = {
    route: job.route,
    title: job.title ?? "",
    quantity: String(job.quantity ?? 1),
    tags: (job.tags ?? []).join(" "),
    photos: String(job.photos ?? 0),
    notes: job.notes ?? "",
    "bonus.amount": job.bonus.amount,
    "bonus.currency": job.bonus.currency,
  }
  for (const rule of RULE_NAMES) {
    const terms = job.bonus.rules[rule]
    if (!terms) continue
    values[ruled(rule)] = "yes"
    for (const [term] of RULES[rule]) values[ruled(rule, term)] = String(terms[term] ?? "")
  }
  return values
}

/** A span in the largest unit that says it whole. */
function spanned(span: keyof Recurring & string, minutes: number | null): Values {
  const units = (Object.entries(UNITS) as [keyof typeof UNITS, number][]).reverse()
  const [name, size] = units.find(([, size]) => (minutes ?? 60) % size === 0) ?? ["minutes", 1]
  return { [span]: minutes === null ? "" : String(minutes / size), [unit(span)]: name }
}

/** Unix seconds as an input of date and time has them here, and back; NaN for what is no time. */
export function local(at: number): string {
  const day = new Date(at * 1000)
  const two = (value: number) => String(value).padStart(2, "0")
  const date = `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
  return `${date}T${two(day.getHours())}:${two(day.getMinutes())}`
}
export const seconds = (text: string): number => new Date(text).getTime() / 1000

/** The same time of the clock, days later. */
function shifted(at: number, days: number): number {
  const day = new Date(at * 1000)
  day.setDate(day.getDate() + days)
  return day.getTime() / 1000
}
