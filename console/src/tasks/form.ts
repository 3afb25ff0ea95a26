/** The form of a new task, made once or again and again. */
import type { Desk } from "../core/desk"
import { choices, Form, type Look, type Values, zones } from "../desk/form"
import { section } from "../desk/parts"
import type { Key } from "../i18n"
import { attribute, type Values as Holes, h, say } from "../ui/dom"
import { Coming } from "./coming"
import { inWords, PATTERNS } from "./cron"
import { AGAIN, bonus, ONCE, RULE_NAMES, RULES, type RuleName, ruled, TIMES, UNITS, unit } from "./draft"
import { Example } from "./example"
import { Picker } from "./picker"
import type { Route } from "./tasks"
import { sentences } from "./terms"

const CURRENCIES = ["CNY", "EUR", "USD", "GBP", "HKD", "TWD", "JPY", "KRW", "SGD", "INR", "CHF", "KWD"]
const DIGITS: Look = { attributes: { inputmode: "numeric", maxlength: 9 } }
const AMOUNT: Look = { attributes: { inputmode: "decimal", maxlength: 16, placeholder: "0.00" } }
const TERMS: Readonly<Record<string, { readonly look: Look; readonly unit?: Key }>> = {
  reward: { look: AMOUNT },
  per_minute: { look: AMOUNT },
  grace_minutes: { look: DIGITS, unit: "form.unit.minutes" },
  full_percent: { look: DIGITS, unit: "form.unit.percent" },
  none_percent: { look: DIGITS, unit: "form.unit.percent" },
  per_km: { look: AMOUNT },
  free_m: { look: DIGITS, unit: "form.unit.metres" },
  least: { look: AMOUNT },
  most: { look: AMOUNT },
}

export class TaskForm {
  readonly form = new Form()
  private readonly picker = new Picker()
  private readonly told = h("ul", { class: "terms" })
  private readonly recurs = h("p", { class: "hint" })
  private readonly once = h("div", { class: "fields" })
  private readonly again = h("div", { class: "fields" })
  private readonly rules = new Map<RuleName, HTMLElement>()
  private readonly example: Example
  private readonly coming: Coming

  /** zone: of this browser, whose clock the date-times are; `changed`: something was written. */
  constructor(
    desk: Desk,
    private readonly zone: string,
    buttons: HTMLElement,
    changed: () => void,
  ) {
    const { element } = this.form
    this.example = new Example(desk, this.form)
    this.coming = new Coming(desk, this.form, zone)
    element.append(this.what(), this.pay(), this.times(), buttons)
    for (const event of ["input", "change"]) {
      element.addEventListener(event, () => {
        this.refresh()
        changed()
      })
    }
  }

  offer(routes: readonly Route[]): void {
    this.picker.offer(routes)
    this.refresh()
  }

  fill(values: Values): void {
    this.form.fill(values)
    this.refresh()
  }

  /** As `fill`, for what nobody has typed yet. */
  begin(values: Values): void {
    this.form.begin(values)
    this.refresh()
  }

  /** What follows from what is written; also after a change of language. */
  refresh(): void {
    const values = this.form.values()
    const said = bonus(values)
    this.told.replaceChildren(...(said ? sentences(said) : []).map((text) => h("li", {}, text)))
    for (const [rule, terms] of this.rules) terms.hidden = !values[ruled(rule)]
    const again = values.mode === AGAIN
    this.once.hidden = again
    this.again.hidden = !again
    this.recurs.textContent = inWords(values.cron ?? "") ?? ""
    if (this.form.element.isConnected) {
      this.example.refresh(values)
      this.coming.refresh(values)
    }
    const title = this.form.element.querySelector<HTMLInputElement>("[data-title]")
    if (title) attribute(title, "placeholder", this.picker.title)
  }

  private what(): HTMLElement {
    const { form } = this
    return section(
      "form.what",
      h(
        "div",
        { class: "fields" },
        wide(form.add("route", "form.route", this.picker, { hint: "form.route.hint", needed: true })),
        wide(form.text("title", "form.title", { attributes: { maxlength: 100, "data-title": "" } })),
        form.text("quantity", "form.quantity", { ...DIGITS, hint: "form.quantity.hint" }),
        form.text("photos", "form.photos", { ...DIGITS, hint: "form.photos.hint" }),
        wide(
          form.text("tags", "form.tags", { hint: "form.tags.hint", attributes: { autocapitalize: "none" } }),
        ),
        wide(form.area("notes", "form.notes", { attributes: { maxlength: 2_000 } })),
      ),
    )
  }

  private pay(): HTMLElement {
    const { form } = this
    const list = choices("currencies", CURRENCIES)
    const code = { list: "currencies", maxlength: 3, class: "code", autocapitalize: "characters" }
    return section(
      "form.bonus",
      h(
        "div",
        { class: "fields" },
        form.text("bonus.amount", "form.amount", { ...AMOUNT, needed: true }),
        form.text("bonus.currency", "form.currency", { needed: true, attributes: code }),
        list,
      ),
      ...RULE_NAMES.map((rule) => this.rule(rule)),
      h("div", { class: "told", "aria-live": "polite" }, say(h("h4"), "form.told"), this.told),
      this.example.element,
    )
  }

  private rule(rule: RuleName): HTMLElement {
    const { form } = this
    const terms = RULES[rule].map(([term]) => {
      const { look, unit } = TERMS[term]!
      const beside = unit ? { beside: [say(h("span", { class: "unit" }), unit)] } : {}
      return form.text(ruled(rule, term), `form.${rule}.${term}` as Key, { ...look, ...beside })
    })
    const fields = h("div", { class: "fields", hidden: true }, ...terms)
    this.rules.set(rule, fields)
    const title = `form.${rule}` as Key
    const made = h("fieldset", { class: "rule" }, say(h("legend", { class: "hidden" }), title))
    made.append(form.tick(ruled(rule), title, { hint: `form.${rule}.hint` as Key }), fields)
    return made
  }

  private times(): HTMLElement {
    const { form } = this
    const mode = form.choice("mode", "form.mode", [
      [ONCE, "form.mode.once"],
      [AGAIN, "form.mode.again"],
    ])
    const offset = new Intl.DateTimeFormat("en", { timeZoneName: "shortOffset" })
      .formatToParts()
      .find(({ type }) => type === "timeZoneName")
    const named: Holes = { zone: this.zone, offset: offset?.value ?? "" }
    for (const name of TIMES) {
      const look = {
        needed: name === "deadline",
        attributes: { type: "datetime-local", max: "9999-12-31T23:59" },
      }
      const hint = name === "deadline" ? {} : { hint: `form.${name}.hint` as Key }
      this.once.append(form.text(name, `form.${name}` as Key, { ...look, ...hint }))
    }
    this.once.prepend(wide(say(h("p", { class: "hint" }), "form.zone", named)))
    this.again.append(this.pattern(), ...this.recurrence())
    return section("form.times", h("div", { class: "fields" }, mode), this.once, this.again)
  }

  /** Writes a common schedule into the field below. */
  private pattern(): HTMLElement {
    const options = PATTERNS.map(([cron, key]) => say(h("option", { value: cron }), key))
    const select = h(
      "select",
      { id: "cron-pattern" },
      say(h("option", { value: "" }), "cron.pattern"),
      ...options,
    )
    select.addEventListener("change", (event) => {
      event.stopPropagation()
      if (select.value) this.form.fill({ cron: select.value })
      select.value = ""
      this.form.element.dispatchEvent(new Event("input"))
    })
    return h("div", { class: "field" }, say(h("label", { for: select.id }), "cron.common"), select)
  }

  private recurrence(): HTMLElement[] {
    const { form } = this
    const cron = form.text("cron", "form.cron", {
      hint: "form.cron.hint",
      needed: true,
      attributes: { class: "code", spellcheck: "false", maxlength: 100, placeholder: "0 8 * * 1-5" },
    })
    cron.append(this.recurs, this.coming.element)
    const list = zones()
    const zone = form.text("time_zone", "form.time_zone", {
      hint: "form.time_zone.hint",
      needed: true,
      attributes: { list: list.id, spellcheck: "false", maxlength: 64 },
    })
    return [
      zone,
      wide(cron),
      this.span("closes_after"),
      this.span("start_from_after"),
      this.span("start_until_after"),
      this.span("deadline_after"),
      list,
    ]
  }

  private span(name: string): HTMLElement {
    const { form } = this
    const units = (Object.keys(UNITS) as (keyof typeof UNITS)[]).map(
      (value) => [value, `form.unit.${value}` as Key] as const,
    )
    const unitField = form.choice(unit(name), "form.unit", units)
    unitField.classList.add("bare")
    const look = { attributes: { inputmode: "decimal", maxlength: 7 }, beside: [unitField] }
    const needed = name === "deadline_after"
    const hint = needed ? {} : { hint: `form.${name}.hint` as Key }
    return form.text(name, `form.${name}` as Key, { ...look, ...hint, needed })
  }
}

function wide(field: HTMLElement): HTMLElement {
  field.classList.add("wide")
  return field
}
