/** What a trip would pay, as the server reckons it: all of the route on time, and a ride that the person supposes. */
import { faultsOf } from "../core/api"
import type { Desk } from "../core/desk"
import { because } from "../desk/because"
import { Early } from "../desk/early"
import type { Form, Values } from "../desk/form"
import { Lately } from "../desk/lately"
import { distance, type Key, money, percent, span, t } from "../i18n"
import { breakdown } from "../trips/bonus"
import { attribute, h, name as named, say, write } from "../ui/dom"
import { askedBonus, fieldOf, RULE_NAMES, type RuleName, ruled } from "./draft"
import { type Bonus, type BonusExample, bonusExample, type Supposed } from "./tasks"

/** What can be supposed, in the steps of its slider, where one of the rules asks for it. */
interface Supposition {
  readonly rules: readonly RuleName[]
  readonly start: number
  readonly step: number
  readonly most: (values: Values) => number
  /** As the server is told it. */
  readonly sent: (steps: number) => number
  readonly said: (steps: number) => string
}

const MINUTE = 60
const count = (values: Values, term: string) => Number(values[term]) || 0
const SUPPOSITIONS: Readonly<Record<keyof Supposed, Supposition>> = {
  late_s: {
    rules: ["on_time", "late"],
    start: 10,
    step: 1,
    most: (values) => Math.min(60 + count(values, ruled("late", "grace_minutes")), 1_500),
    sent: (minutes) => minutes * MINUTE,
    said: (minutes) =>
      minutes === 0 ? t("example.on_time") : t("example.late", { span: span(minutes * MINUTE) }),
  },
  covered: {
    rules: ["coverage"],
    start: 80,
    step: 1,
    most: () => 100,
    sent: (share) => share / 100,
    said: (share) => percent(share / 100),
  },
  off_route_m: {
    rules: ["off_route"],
    start: 0,
    step: 100,
    most: (values) => Math.min(5_000 + count(values, ruled("off_route", "free_m")), 1_000_000),
    sent: (metres) => metres,
    said: (metres) => distance(metres),
  },
}
const NAMES = Object.keys(SUPPOSITIONS) as (keyof Supposed)[]

interface Slider {
  readonly field: HTMLElement
  readonly input: HTMLInputElement
  readonly said: HTMLElement
}

export class Example {
  readonly element = h("section", { class: "foreseen example", hidden: true })
  private readonly whole = h("p")
  private readonly lines = h("div", { class: "lines" })
  private readonly total = h("p", { class: "hidden", "aria-live": "polite" })
  private readonly trouble = h("div", { class: "quiet" })
  private readonly sliders = new Map<keyof Supposed, Slider>()
  private readonly early: Early
  private readonly asking: Lately<{ bonus: Bonus; rides: Supposed[] }, BonusExample>
  private answer: BonusExample | null = null
  private values: Values = {}

  constructor(desk: Desk, form: Form) {
    this.early = new Early(form)
    this.asking = new Lately(
      ({ bonus, rides }, signal) => bonusExample(desk, bonus, rides, signal),
      (answer) => this.answered(answer),
      (error) => this.failed(error),
    )
    const sliders = h("div", { class: "sliders", role: "group" }, ...NAMES.map((name) => this.slider(name)))
    this.element.append(say(h("h4"), "example.title"), this.whole, named(sliders, "example.suppose"))
    this.element.append(this.lines, this.total, this.trouble)
    // What is supposed is not written into the task.
    this.element.addEventListener("change", (event) => event.stopPropagation())
    this.element.addEventListener("input", (event) => {
      event.stopPropagation()
      this.refresh(this.values)
    })
  }

  /** values: of the form. Also after a change of language. */
  refresh(values: Values): void {
    this.values = values
    for (const [name, slider] of this.sliders) this.adjust(name, slider)
    const some = values["bonus.amount"] && RULE_NAMES.some((rule) => values[ruled(rule)])
    const asked = some ? askedBonus(values) : null
    const bonus = asked && "bonus" in asked ? asked.bonus : null
    const another = this.asking.want(bonus && { bonus, rides: [{}, this.supposed()] })
    if (asked && "wrong" in asked)
      this.early.tell(asked.wrong.filter((it) => "key" in it && it.key === "form.whole"))
    if (asked === null) this.answered(null)
    else this.show()
    // What is shown is of what was written before.
    if (asked && (another || !bonus)) attribute(this.element, "aria-busy", "true")
  }

  private supposed(): Supposed {
    const shown = [...this.sliders].filter(([, { field }]) => !field.hidden)
    return Object.fromEntries(
      shown.map(([name, { input }]) => [name, SUPPOSITIONS[name].sent(input.valueAsNumber)]),
    )
  }

  private slider(name: keyof Supposed): HTMLElement {
    const { start, step } = SUPPOSITIONS[name]
    const id = `example-${name}`
    const input = h("input", { id, type: "range", min: 0, max: Math.max(start, 100), step, value: start })
    const said = h("span", { class: "said", "aria-hidden": "true" })
    const field = h(
      "div",
      { class: "slider" },
      say(h("label", { for: id }), `example.${name}` as Key),
      input,
      said,
    )
    this.sliders.set(name, { field, input, said })
    return field
  }

  private adjust(name: keyof Supposed, { field, input, said }: Slider): void {
    const { rules, most, said: words } = SUPPOSITIONS[name]
    field.hidden = !rules.some((rule) => this.values[ruled(rule)])
    attribute(input, "max", String(most(this.values)))
    const text = words(input.valueAsNumber)
    write(said, text)
    attribute(input, "aria-valuetext", text)
  }

  private answered(answer: BonusExample | null): void {
    this.answer = answer
    this.early.tell([])
    this.trouble.replaceChildren()
    attribute(this.element, "aria-busy", null)
    this.show()
  }

  private failed(error: unknown): void {
    const has = (name: string) => name in this.values
    const faults = faultsOf(error).map((fault) => ({ ...fault, field: fieldOf(fault.field, "", has) }))
    this.early.tell(faults)
    if (faults.length > 0) return // what is shown stays, as of before
    this.answered(null)
    this.trouble.replaceChildren(because(error))
    this.show()
  }

  private show(): void {
    const { currency = "", calculations: [whole, ride] = [] } = this.answer ?? {}
    this.element.hidden = !whole && !this.trouble.hasChildNodes()
    this.lines.hidden = !whole
    if (!whole || !ride) return
    write(this.whole, t("example.whole", { total: money(whole.total, currency) }))
    write(this.total, t("example.total", { total: money(ride.total, currency) }))
    const made = breakdown(ride, currency)
    // The box stays, with its place and its focus.
    const there = this.lines.firstElementChild
    if (there) there.replaceChildren(...made.children)
    else this.lines.append(made)
  }
}
