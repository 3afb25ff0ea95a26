/** The alert rules as a form: a switch a kind, its threshold beside it, and what is saved. */
import type { Kind } from "../core/alerts"
import { Form, formBar, type Wrong } from "../desk/form"
import { head, section } from "../desk/parts"
import type { Sheet } from "../desk/sheet"
import { type Key, number, span, word } from "../i18n"
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
  private readonly form = new Form()
  private readonly switches = new Map<string, HTMLInputElement>()
  private readonly echoes: (() => void)[] = []
  private readonly state = h("p", { class: "quiet", role: "status" })
  private readonly saving = this.form.submit("fleet.save", "primary", () => this.save())

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
    const under = say(h("span"), put ? "fleet.rules.under" : "fleet.rules.read")
    this.element.append(
      head(say(h("span"), "fleet.rules"), [under], []),
      section("fleet.kinds", h("ul", { class: "rules" }, ...kinds)),
      abandoned,
    )
    if (put) this.element.append(formBar(this.state, first, this.saving))
    this.element.addEventListener("input", () => this.show())
    this.fill(saved)
  }

  get element(): HTMLElement {
    return this.form.element
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
    const values = { first: number(first), low: number(low), high: number(high), unit }
    const echo = h("span", { class: "quiet" })
    this.echoes.push(() => write(echo, unit === "s" ? spanned(this.number(name)) : ""))
    return this.form.text(name, `fleet.threshold.${name}`, {
      hint: { key: "fleet.bounds", values },
      beside: [h("span", {}, unit), echo],
      attributes: { inputmode: "numeric", maxlength: 7, readonly: this.put === null },
    })
  }

  /** As typed; null for none. */
  private number(name: ThresholdName): number | null {
    return read(name, this.form.values()[name] ?? "")
  }

  private fill(rules: Rules): void {
    for (const [kind, on] of this.switches) on.checked = rules.kinds.includes(kind)
    this.form.fill(Object.fromEntries(NAMES.map((name) => [name, String(rules[name])])))
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
    const numbers = NAMES.map((name) => [name, this.number(name) ?? Number.NaN])
    return { kinds, ...(Object.fromEntries(numbers) as Record<ThresholdName, number>) }
  }

  private async save(): Promise<void> {
    const { form, sheet, put } = this
    const rules = this.typed()
    const wrong: Wrong[] = []
    if (put === null || same(rules, this.saved)) return
    for (const name of NAMES) {
      const { low, high, unit } = THRESHOLDS[name]
      const values = { low: number(low), high: number(high), unit }
      if (Number.isNaN(rules[name])) wrong.push({ field: name, key: "fleet.outside", values })
    }
    sheet.hush()
    if (!form.fits(wrong)) return
    try {
      this.saved = await put(rules)
      sheet.tell("fleet.rules.saved")
    } catch (error) {
      form.refuse(error, sheet)
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
