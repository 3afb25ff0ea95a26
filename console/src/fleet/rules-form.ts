/** The alert rules as a form: a switch a kind, its threshold beside it, and what is saved. */

import type { Kind } from "../core/alerts"
import { beside, Fields } from "../desk/fields"
import { head, section } from "../desk/parts"
import type { Sheet } from "../desk/sheet"
import { type Key, number, span, t, word } from "../i18n"
import { attribute, button, h, say, write } from "../ui/dom"
import {
  DEFAULTS,
  NAMES,
  OF_KIND,
  type Rules,
  read,
  same,
  shownKinds,
  THRESHOLDS,
  type ThresholdName,
} from "./rules"

export class RulesForm {
  readonly element: HTMLFormElement
  private readonly fields = new Fields()
  private readonly switches = new Map<string, HTMLInputElement>()
  private readonly inputs = {} as Record<ThresholdName, HTMLInputElement>
  private readonly echoes: (() => void)[] = []
  private readonly state = h("p", { class: "quiet", role: "status" })
  private readonly saving = say(h("button", { type: "submit", class: "primary" }), "fleet.save")

  /** `put`: null for who may only read. */
  constructor(
    private readonly sheet: Sheet,
    private saved: Rules,
    private readonly put: ((rules: Rules) => Promise<Rules>) | null,
  ) {
    const kinds = shownKinds(saved).map((kind) => this.kind(kind))
    const abandoned = section(
      "fleet.abandon",
      say(h("p", { class: "quiet" }), "fleet.abandon.text"),
      this.threshold("abandon_after_s"),
    )
    const first = button("fleet.defaults", "small", () => this.fill(DEFAULTS))
    this.element = h(
      "form",
      { class: "settings", novalidate: true },
      head(t("fleet.rules"), [say(h("span"), put ? "fleet.rules.under" : "fleet.rules.read")], []),
      section("fleet.kinds", h("ul", { class: "rules" }, ...kinds)),
      abandoned,
      put && h("div", { class: "form-bar" }, this.state, h("div", { class: "actions" }, first, this.saving)),
    )
    say(this.element.querySelector("h2")!, "fleet.rules")
    this.element.addEventListener("input", () => this.show())
    this.element.addEventListener("submit", (event) => {
      event.preventDefault()
      void this.save()
    })
    this.fill(saved)
  }

  /** Something is changed and not saved. */
  get unsaved(): boolean {
    return !same(this.typed(), this.saved)
  }

  /** After a change of language. */
  again(): void {
    for (const echo of this.echoes) echo()
  }

  private kind(kind: string): HTMLElement {
    const sentence = `fleet.kind.${kind}`
    const on = h("input", { type: "checkbox", role: "switch", class: "toggle", disabled: this.put === null })
    this.switches.set(kind, on)
    const told = word(`alert.${kind}`) === null ? h("b", {}, kind) : say(h("b"), `alert.${kind}` as Key)
    const help = word(sentence) !== null && say(h("span", { class: "quiet" }), sentence as Key)
    const threshold = OF_KIND[kind as Kind]
    return h(
      "li",
      { class: "rule", "data-kind": kind },
      h("label", {}, on, h("span", {}, told, help)),
      threshold ? this.threshold(threshold) : null,
    )
  }

  private threshold(name: ThresholdName): HTMLElement {
    const { first, unit, low, high } = THRESHOLDS[name]
    const input = h("input", { type: "text", inputmode: "numeric", autocomplete: "off", maxlength: 7 })
    input.readOnly = this.put === null
    this.inputs[name] = input
    const values = { first: number(first), low: number(low), high: number(high), unit }
    const field = this.fields.add(name, `fleet.threshold.${name}`, input, { key: "fleet.bounds", values })
    const echo = h("span", { class: "quiet" })
    beside(input, h("span", {}, unit), echo)
    this.echoes.push(() => write(echo, unit === "s" ? spanned(read(name, input.value)) : ""))
    return field
  }

  private fill(rules: Rules): void {
    for (const [kind, on] of this.switches) on.checked = rules.kinds.includes(kind)
    for (const name of NAMES) this.inputs[name].value = String(rules[name])
    this.fields.clear()
    this.show()
  }

  private show(): void {
    const { unsaved } = this
    this.again()
    this.saving.disabled = !unsaved
    say(this.state, unsaved ? "fleet.unsaved" : "fleet.saved")
    attribute(this.state, "data-unsaved", unsaved ? "" : null)
  }

  /** What cannot be read is never what is saved. */
  private typed(): Rules {
    const kinds = [...this.switches].filter(([, on]) => on.checked).map(([kind]) => kind)
    const numbers = NAMES.map((name) => [name, read(name, this.inputs[name].value) ?? Number.NaN])
    return { kinds, ...(Object.fromEntries(numbers) as Record<ThresholdName, number>) }
  }

  private async save(): Promise<void> {
    const { fields, sheet, put } = this
    const rules = this.typed()
    fields.clear()
    sheet.hush()
    if (put === null || same(rules, this.saved)) return
    for (const name of NAMES) {
      const { low, high, unit } = THRESHOLDS[name]
      const values = { low: number(low), high: number(high), unit }
      if (Number.isNaN(rules[name])) fields.fault(name, { key: "fleet.outside", values })
    }
    if (fields.focus()) return
    this.saving.disabled = true
    try {
      this.saved = await put(rules)
      sheet.tell("fleet.rules.saved")
    } catch (error) {
      fields.refuse(error, sheet)
    } finally {
      this.show()
    }
  }
}

/** Seconds as people say them; nothing for none. */
function spanned(seconds: number | null): string {
  if (seconds === null || seconds < 60) return ""
  return `${seconds % 60 === 0 ? "=" : "≈"} ${span(seconds)}`
}
