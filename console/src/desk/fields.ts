/** The fields of a form: each with its label, a hint, and what is wrong with it beside it. */
import { type Fault, faultsOf } from "../core/api"
import type { Key } from "../i18n"
import { attribute, h, say, type Values } from "../ui/dom"
import { reasonOf } from "./fault"
import type { Sheet } from "./sheet"

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | HTMLFieldSetElement

/** A text, with what is filled in. */
type Text = Key | { readonly key: Key; readonly values?: Values }

interface Field {
  readonly control: Control
  readonly wrong: HTMLElement
  /** What it is described by while nothing is wrong. */
  readonly hint: string | null
}

let serial = 0

export class Fields {
  private readonly fields = new Map<string, Field>()

  /** `field`: by what faults call it. */
  add(field: string, label: Key, control: Control, hint?: Text): HTMLElement {
    const id = `field-${++serial}`
    control.id = id
    const wrong = h("p", { class: "wrong", id: `${id}-wrong`, hidden: true })
    const under = hint ? put(h("p", { class: "quiet hint", id: `${id}-hint` }), hint) : null
    this.fields.set(field, { control, wrong, hint: under?.id ?? null })
    attribute(control, "aria-describedby", under?.id ?? null)
    if (control instanceof HTMLFieldSetElement) {
      control.prepend(say(h("legend"), label))
      control.append(wrong)
      return control
    }
    return h("div", { class: "field" }, say(h("label", { for: id }), label), control, under, wrong)
  }

  clear(): void {
    for (const { control, wrong, hint } of this.fields.values()) {
      wrong.hidden = true
      attribute(control, "aria-invalid", null)
      attribute(control, "aria-describedby", hint)
    }
  }

  /** Shows it at its field. `reason`: the server's words, or a text of ours. */
  fault(field: string, reason: Fault | { readonly key: Key; readonly values?: Values }): void {
    const found = this.fields.get(field)
    if (!found) return
    const { control, wrong, hint } = found
    if ("reason" in reason) wrong.append(h("span", { class: "line" }, reasonOf(reason, true)))
    else wrong.append(say(h("span", { class: "line" }), reason.key, reason.values))
    if (wrong.hidden) wrong.replaceChildren(wrong.lastChild!)
    wrong.hidden = false
    if (!(control instanceof HTMLFieldSetElement)) attribute(control, "aria-invalid", "true")
    attribute(control, "aria-describedby", [wrong.id, hint].filter(Boolean).join(" "))
  }

  /** Each at the field that `place` names; those left over are returned. The first gets the focus. */
  private faults(faults: readonly Fault[], place: (field: string) => string): readonly Fault[] {
    const left = faults.filter((fault) => !this.fields.has(place(fault.field)))
    for (const fault of faults) this.fault(place(fault.field), fault)
    this.focus()
    return left
  }

  /** What the server refused: each fault at its field, and at the sheet's top what has none here. `rest`: without
   * those that were shown already. */
  refuse(error: unknown, sheet: Sheet, rest: readonly Fault[] = faultsOf(error)): void {
    const left = this.faults(rest, (field) => field.replace(/\[.*$/, "")) // tags[1] is of tags
    if (faultsOf(error).length === 0 || left.length > 0) sheet.refuse(error)
  }

  /** On the first that is wrong; false where none is. */
  focus(): boolean {
    for (const { control, wrong } of this.fields.values()) {
      if (wrong.hidden) continue
      const inner =
        control instanceof HTMLFieldSetElement && control.querySelector<HTMLElement>("input,button")
      ;(inner || control).focus()
      return true
    }
    return false
  }
}

/** Puts more beside a field's control: a unit, a button. */
export function beside(control: HTMLElement, ...more: readonly HTMLElement[]): void {
  const line = h("span", { class: "united" })
  control.replaceWith(line)
  line.append(control, ...more)
}

const put = (element: HTMLElement, text: Text): HTMLElement =>
  typeof text === "string" ? say(element, text) : say(element, text.key, text.values)
