/** A form: named fields with their labels and hints, what stands in them, and what is wrong with each. */
import type { Fault } from "../core/api"
import type { Key } from "../i18n"
import { attribute, type Values as Holes, h, say } from "../ui/dom"
import { reasonOf } from "./fault"

/** What stands in the fields, by their names; "" for nothing, and for a box that is not ticked. */
export type Values = Record<string, string>

/** Something that a page's form has besides plain inputs. */
export interface Control {
  readonly element: HTMLElement
  /** What has the focus, and its label. */
  readonly input: HTMLElement
  read(): string
  fill(value: string): void
}

export interface Look {
  readonly hint?: Key
  readonly needed?: boolean
  /** Beside the field, such as a unit. */
  readonly beside?: Node
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
}

/** In the person's language; the server's own words are English. */
export type Wrong = Fault | { readonly field: string; readonly key: Key; readonly values?: Holes }

interface Field {
  readonly control: Control
  readonly wrong: HTMLElement
  readonly described: string
}

let serial = 0

export class Form {
  readonly element = h("form", { class: "form", novalidate: true, autocomplete: "off" })
  private readonly fields = new Map<string, Field>()
  private readonly prefix = `form-${++serial}`

  text(name: string, label: Key, look: Look = {}): HTMLElement {
    return this.add(name, label, plain(h("input", { type: "text", ...look.attributes })), look)
  }

  area(name: string, label: Key, look: Look = {}): HTMLElement {
    return this.add(name, label, plain(h("textarea", { rows: 3, ...look.attributes })), look)
  }

  /** One of several; `options`: values and what they say. */
  choice(
    name: string,
    label: Key,
    options: readonly (readonly [string, Key])[],
    look: Look = {},
  ): HTMLElement {
    const made = options.map(([value, key]) => say(h("option", { value }), key))
    return this.add(name, label, plain(h("select", { ...look.attributes }, ...made)), look)
  }

  /** A box that is ticked. */
  tick(name: string, label: Key, look: Look = {}): HTMLElement {
    const input = h("input", { type: "checkbox" })
    const control = {
      element: input,
      input,
      read: () => (input.checked ? "yes" : ""),
      fill: (value: string) => {
        input.checked = value !== ""
      },
    }
    const field = this.add(name, label, control, look)
    field.classList.add("tick")
    return field
  }

  add(name: string, label: Key, control: Control, { hint, needed, beside }: Look = {}): HTMLElement {
    const id = `${this.prefix}-${name.replaceAll(".", "-")}`
    const { input } = control
    attribute(input, "id", id)
    if (needed) attribute(input, "aria-required", "true")
    const hinted = hint ? say(h("p", { class: "hint", id: `${id}-hint` }), hint) : null
    const wrong = h("p", { class: "wrong", id: `${id}-wrong`, hidden: true })
    const described = hinted ? hinted.id : ""
    if (described) attribute(input, "aria-describedby", described)
    this.fields.set(name, { control, wrong, described })
    const within = beside ? h("div", { class: "beside" }, control.element, beside) : control.element
    const field = h("div", { class: "field" }, say(h("label", { for: id }), label), within, hinted, wrong)
    for (const event of ["input", "change"]) field.addEventListener(event, () => this.calm(name))
    return field
  }

  values(): Values {
    return Object.fromEntries([...this.fields].map(([name, { control }]) => [name, control.read()]))
  }

  /** Fields that are not named stay as they are. */
  fill(values: Values): void {
    for (const [name, { control }] of this.fields) {
      const value = values[name]
      if (value !== undefined) control.fill(value)
    }
  }

  /** Says at each field what is wrong with it and goes to the first; what has no field here is given back. */
  refuse(faults: readonly Wrong[]): Wrong[] {
    for (const name of this.fields.keys()) this.calm(name)
    const strange: Wrong[] = []
    for (const fault of faults) {
      const field = this.fields.get(fault.field)
      if (!field) strange.push(fault)
      else if (field.wrong.hidden) mark(field, fault)
    }
    const first = [...this.fields.values()].find(({ wrong }) => !wrong.hidden)
    first?.control.input.focus()
    return strange
  }

  has(name: string): boolean {
    return this.fields.has(name)
  }

  private calm(name: string): void {
    const { control, wrong, described } = this.fields.get(name)!
    if (wrong.hidden) return
    wrong.hidden = true
    attribute(control.input, "aria-invalid", null)
    attribute(control.input, "aria-describedby", described || null)
  }
}

function mark({ control, wrong, described }: Field, fault: Wrong): void {
  wrong.replaceChildren("key" in fault ? say(h("span"), fault.key, fault.values) : reasonOf(fault, true))
  wrong.hidden = false
  attribute(control.input, "aria-invalid", "true")
  attribute(control.input, "aria-describedby", `${described} ${wrong.id}`.trim())
}

function plain(input: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement): Control {
  return {
    element: input,
    input,
    // What is half a date has no value, and is not nothing.
    read: () => (input.validity.badInput ? "?" : input.value.trim()),
    fill: (value) => {
      input.value = value
    },
  }
}
