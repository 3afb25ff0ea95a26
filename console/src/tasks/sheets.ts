/** A task, and a schedule, as a sheet. */
import { maybe } from "../core/address"
import { badge, facts, head, section, table } from "../desk/parts"
import { away, when } from "../desk/when"
import { locale, moment, number, t, word } from "../i18n"
import { h, say } from "../ui/dom"
import { inWords } from "./cron"
import { SPANS } from "./draft"
import type { Bonus, Recurring, Schedule, Task, Trip } from "./tasks"
import { sentences } from "./terms"

const KINDS: Readonly<Record<string, string>> = { open: "good", scheduled: "info", withdrawn: "bad" }
const STATES: Readonly<Record<string, string>> = {
  started: "good",
  paused: "warn",
  abandoned: "bad",
  cancelled: "bad",
  expired: "bad",
}

export interface SheetWorld {
  routeName(route: string): string
  readonly actions: readonly Node[]
}

/** more: a button for the trips that are not here yet; null where all are. */
export function taskSheet(
  task: Task,
  trips: readonly Trip[],
  more: Node | null,
  { routeName, actions }: SheetWorld,
): Node[] {
  const taken = task.quantity - task.left
  const from = task.start_from === null ? [`${t("tasks.until")} `] : [whole(task.start_from), " – "]
  return [
    head(
      task.title,
      [badge(KINDS[task.status] ?? "plain", t(`tasks.status.${task.status}`)), " ", task.task],
      actions,
    ),
    facts([
      ["tasks.route", route(task.route, routeName)],
      ["tasks.taken", t("tasks.taken.of", { taken: number(taken), quantity: number(task.quantity) })],
      ["tasks.opens", whole(task.opens)],
      ["tasks.closes", whole(task.closes)],
      ["tasks.window", h("span", {}, ...from, whole(task.start_until))],
      ["tasks.deadline", whole(task.deadline)],
      ...needs(task),
    ]),
    terms(task.bonus),
    section(
      "tasks.trips",
      ...(trips.length ? [rides(trips), more] : [say(h("p", { class: "quiet" }), "tasks.trips.none")]),
    ),
  ]
}

export function scheduleSheet(schedule: Schedule, { routeName, actions }: SheetWorld): Node[] {
  const { task, cron, time_zone, next, failed, failed_at } = schedule
  const words = inWords(cron)
  const title = task.title || routeName(task.route)
  const after = SPANS.map((span) => [`form.${span}`, spanOf(task[span])] as const)
  const coming = next.map((at) => h("li", {}, zoned(at, time_zone), " · ", away(at)))
  return [
    head(title, [badge("info", t("schedule.one")), " ", schedule.schedule], actions),
    ...(failed === null
      ? []
      : [
          h(
            "div",
            { class: "notice", role: "status" },
            say(h("b"), "schedule.failed", { at: failed_at === null ? "" : zoned(failed_at, time_zone) }),
            h("p", {}, failed),
          ),
        ]),
    facts([
      ["schedule.when", h("span", {}, words ? `${words} ` : "", h("code", {}, cron))],
      ["form.time_zone", time_zone],
      ["tasks.route", route(task.route, routeName)],
      ["form.quantity", number(task.quantity ?? 1)],
      ...after,
      ...needs(task),
    ]),
    section(
      "schedule.next",
      say(h("p", { class: "quiet" }), coming.length ? "schedule.clocks" : "schedule.never", {
        zone: time_zone,
      }),
      coming.length > 0 && h("ol", { class: "coming" }, ...coming),
    ),
    terms(task.bonus),
  ]
}

const terms = (bonus: Bonus): HTMLElement =>
  section("tasks.bonus", h("ul", { class: "terms" }, ...sentences(bonus).map((text) => h("li", {}, text))))

function needs({ tags, photos, notes }: Pick<Recurring, "tags" | "photos" | "notes">) {
  const tagged = h("span", { class: "tags" }, ...(tags ?? []).map((tag) => badge("tag", tag)))
  return [
    ["form.tags", tags?.length ? tagged : null],
    ["form.photos", photos ? number(photos) : null],
    ["form.notes", notes ? h("span", { class: "written" }, notes) : null],
  ] as const
}

function rides(trips: readonly Trip[]): HTMLElement {
  const moments = (at: number | null) => (at === null ? "–" : when(at))
  return table(
    ["tasks.courier", "tasks.state", "tasks.claimed", "tasks.started", "tasks.finished"],
    trips.map((trip) => [
      linked("trips", trip.trip, trip.courier),
      badge(STATES[trip.state] ?? "plain", word(`trip.state.${trip.state}`) ?? trip.state),
      when(trip.claimed_at),
      moments(trip.started_at),
      moments(trip.finished_at),
    ]),
  )
}

function route(id: string, routeName: (route: string) => string): Node {
  return h("span", {}, linked("routes", id, routeName(id)), " ", h("span", { class: "quiet" }, id))
}

/** A link where this console has such a page. */
function linked(page: string, thing: string, text: string): Node | string {
  const href = maybe(page, thing)
  return href ? h("a", { href, "data-kept": thing }, text) : text
}

/** With its day, and how far it is. */
function whole(at: number): Node {
  return h("span", {}, moment(at), " · ", away(at))
}

/** By the clocks of a zone; by those here where this browser does not know it. */
function zoned(at: number, timeZone: string): string {
  const look = {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  } as const
  try {
    return new Intl.DateTimeFormat(locale(), { ...look, timeZone }).format(at * 1000)
  } catch {
    return new Intl.DateTimeFormat(locale(), look).format(at * 1000)
  }
}

/** In the largest unit that says it whole. */
function spanOf(minutes: number | null | undefined): string | null {
  if (minutes === null || minutes === undefined) return null
  const [unit, size] = SIZES.find(([, size]) => minutes % size === 0) ?? ["minute", 1]
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "long" }).format(minutes / size)
}
const SIZES = [
  ["day", 1_440],
  ["hour", 60],
  ["minute", 1],
] as const
