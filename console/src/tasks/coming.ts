/** When a schedule that is still being written would open its next tasks, by the clocks there and here. */
import { faultsOf } from "../core/api"
import type { Desk } from "../core/desk"
import { because } from "../desk/because"
import { Early } from "../desk/early"
import type { Form, Values } from "../desk/form"
import { Lately } from "../desk/lately"
import { kept, locale, t } from "../i18n"
import { attribute, h, say } from "../ui/dom"
import { AGAIN } from "./draft"
import { type Coming as Answer, type ClockChange, comingTimes, type Schedule } from "./tasks"

const DAY = { weekday: "short", day: "numeric", month: "short", year: "numeric" } as const
const CLOCK = { hour: "2-digit", minute: "2-digit" } as const

type Asked = Pick<Schedule, "cron" | "time_zone">

export class Coming {
  readonly element = h("div", { class: "foreseen", "aria-live": "polite", hidden: true })
  private readonly early: Early
  private readonly asking: Lately<Asked, Asked & Answer>
  private answer: (Asked & Answer) | null = null
  /** The list as it is shown; the same is not said again. */
  private shown = ""

  /** here: this browser's zone. */
  constructor(
    desk: Desk,
    form: Form,
    private readonly here: string,
  ) {
    this.early = new Early(form)
    this.asking = new Lately(
      async (asked, signal) => ({ ...asked, ...(await comingTimes(desk, asked, signal)) }),
      (answer) => this.answered(answer),
      (error) => this.failed(error),
    )
  }

  /** values: of the form. Also after a change of language. */
  refresh({ mode, cron = "", time_zone = "" }: Values): void {
    const ready = mode === AGAIN && cron !== "" && time_zone !== ""
    const another = this.asking.want(ready ? { cron, time_zone } : null)
    if (!ready) this.answered(null)
    else if (this.answer) this.show()
    // What is shown is of what was written before.
    if (another && ready) attribute(this.element, "aria-busy", "true")
  }

  private answered(answer: (Asked & Answer) | null): void {
    this.answer = answer
    this.early.tell([])
    attribute(this.element, "aria-busy", null)
    this.show()
  }

  private failed(error: unknown): void {
    const faults = faultsOf(error)
    this.early.tell(faults)
    if (faults.length > 0) return // what is shown stays, as of before
    this.answered(null)
    this.element.replaceChildren(because(error))
    this.element.hidden = false
    this.shown = ""
  }

  private show(): void {
    const shown = JSON.stringify([locale(), this.answer])
    if (shown === this.shown) return
    this.shown = shown
    this.element.hidden = !this.answer
    if (!this.answer) return
    const { times, clock_changes, time_zone } = this.answer
    const other = times.some(({ at, offset_s }) => offset_s !== offsetHere(at))
    const zones = { zone: time_zone, here: this.here }
    this.element.replaceChildren(
      say(h("h4"), "schedule.next"),
      say(h("p", { class: "quiet" }), other ? "coming.clocks" : "schedule.clocks", zones),
      h("ol", { class: "coming" }, ...times.map(({ at, offset_s }) => h("li", {}, ...moments(at, offset_s)))),
      ...clock_changes.map((change) => h("p", { class: "change" }, changed(change))),
    )
  }
}

/** By the clocks there, and where they differ by those here. */
function moments(at: number, offset_s: number): Node[] {
  const [there, here] = [at + offset_s, at + offsetHere(at)]
  const text = h("span", {}, `${day(there)} ${clock(there)}`)
  if (there === here) return [text]
  const same = day(there) === day(here)
  const said = t("coming.here", { at: same ? clock(here) : `${day(here)} ${clock(here)}` })
  return [text, h("span", { class: "quiet" }, ` · ${said}`)]
}

function changed({ at, from_offset_s, to_offset_s, hits }: ClockChange): string {
  const values = { day: day(at + to_offset_s), from: clock(at + from_offset_s), to: clock(at + to_offset_s) }
  if (to_offset_s > from_offset_s) return t(hits ? "coming.skips" : "coming.forward", values)
  return t(hits ? "coming.twice" : "coming.back", values)
}

/** What a clock shows [s, as if it were UTC], as text. */
const day = (wall: number) => kept("coming day", (to) => format(to, DAY)).format(wall * 1000)
const clock = (wall: number) => kept("coming clock", (to) => format(to, CLOCK)).format(wall * 1000)
const format = (locale: string, look: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(locale, { ...look, timeZone: "UTC" })
const offsetHere = (at: number) => -60 * new Date(at * 1000).getTimezoneOffset()
