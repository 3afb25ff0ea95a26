/** A form: named fields with their labels and hints, what stands in them, and what is wrong with each. */
import { type Fault, faultsOf } from "../core/api"
import type { Key } from "../i18n"
import { attribute, type Values as Holes, h, say } from "../ui/dom"
import { reasonOf } from "./fault"

/** What stands in the fields, by their names; "" for nothing, and for a box that is not ticked. */
export type Values = Record<string, string>

/** Something that a page's form has besides plain inputs. */
export interface Control {
  /** Where it is a fieldset, the label is its legend. */
  readonly element: HTMLElement
  /** What gets the focus, and its label. */
  readonly input: HTMLElement
  read(): string
  fill(value: string): void
}

/** A text, with what is filled in. */
type Text = Key | { readonly key: Key; readonly values: Holes }

export interface Look {
  readonly hint?: Text
  readonly needed?: boolean
  /** Beside the field, such as a unit or a button. */
  readonly beside?: readonly Node[]
  /** Blanks around it are part of it. */
  readonly exact?: boolean
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
}

/** By the field's name here: in the person's language, or as the server says it. */
export type Wrong = Fault | { readonly field: string; readonly key: Key; readonly values?: Holes }

/** Where it is told what has no field, such as a sheet. */
export interface Top {
  refuse(error: unknown): void
}

interface Field {
  readonly control: Control
  /** What faults and hints describe: the input, or the fieldset. */
  readonly subject: HTMLElement
  readonly needed: boolean
  readonly wrong: HTMLElement
  readonly hint: string | null
}

let serial = 0

export class Form {
  readonly element = h("form", { class: "form", novalidate: true, autocomplete: "off" })
  private readonly fields = new Map<string, Field>()
  private readonly began = new Map<string, string>()
  private readonly prefix = `form-${++serial}`
  private send: () => void = () => {}

  constructor() {
    this.element.addEventListener("submit", (event) => {
      event.preventDefault()
      this.send()
    })
  }

  text(name: string, label: Key, look: Look = {}): HTMLElement {
    return this.add(name, label, plain(h("input", { type: "text", ...look.attributes }), look.exact), look)
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

  add(name: string, label: Key, control: Control, look: Look = {}): HTMLElement {
    const id = `${this.prefix}-${name.replaceAll(".", "-")}`
    const { hint, needed = false } = look
    const group = control.element instanceof HTMLFieldSetElement ? control.element : null
    const subject = group ?? control.input
    attribute(subject, "id", id)
    if (needed && !group) attribute(subject, "aria-required", "true")
    const under = hint ? put(h("p", { class: "hint", id: `${id}-hint` }), hint) : null
    const wrong = h("p", { class: "wrong", id: `${id}-wrong`, hidden: true })
    attribute(subject, "aria-describedby", under?.id ?? null)
    this.fields.set(name, { control, subject, needed, wrong, hint: under?.id ?? null })
    this.began.set(name, control.read())
    const field = group ?? h("div", { class: "field" }, say(h("label", { for: id }), label))
    if (group) group.prepend(say(h("legend"), label))
    else
      field.append(
        look.beside ? h("div", { class: "beside" }, control.element, ...look.beside) : control.element,
      )
    field.append(...(under ? [under] : []), wrong)
    for (const event of ["input", "change"]) field.addEventListener(event, () => this.calm(name))
    return field
  }

  /** The button by which it is sent, once at a time. */
  submit(key: Key, look: string, sending: () => Promise<void>): HTMLButtonElement {
    const made = say(h("button", { type: "submit", class: look }), key)
    this.send = () => {
      if (made.hasAttribute("aria-busy")) return
      made.setAttribute("aria-busy", "true")
      void sending().finally(() => made.removeAttribute("aria-busy"))
    }
    return made
  }

  values(): Values {
    return Object.fromEntries([...this.fields].map(([name, { control }]) => [name, control.read()]))
  }

  /** Fields that are not named stay as they are; what was told at the others was of what stood there. */
  fill(values: Values): void {
    for (const [name, { control }] of this.fields) {
      const value = values[name]
      if (value === undefined) continue
      control.fill(value)
      this.calm(name)
    }
  }

  /** Fills in what nobody has typed yet; what differs from it later is `changed`. */
  begin(values: Values): void {
    this.fill(values)
    for (const name of Object.keys(values)) {
      const field = this.fields.get(name)
      if (field) this.began.set(name, field.control.read())
    }
  }

  get changed(): boolean {
    return [...this.fields].some(([name, { control }]) => control.read() !== this.began.get(name))
  }

  has(name: string): boolean {
    return this.fields.has(name)
  }

  /** Says at each field what is wrong with it and goes to the first; what has no field here is given back. */
  show(faults: readonly Wrong[]): Wrong[] {
    for (const name of this.fields.keys()) this.calm(name)
    const strange: Wrong[] = []
    for (const fault of faults) {
      const field = this.fields.get(fault.field)
      if (field) mark(field, fault)
      else strange.push(fault)
    }
    const first = [...this.fields.values()].find(({ wrong }) => !wrong.hidden)
    first?.control.input.focus()
    return strange
  }

  /** Whether nothing is wrong; else it is shown. */
  fits(faults: readonly Wrong[]): boolean {
    this.show(faults)
    return faults.length === 0
  }

  /** Whether nothing that is needed is missing; else it is told at its field. */
  complete(): boolean {
    const missing = [...this.fields].filter(([, { needed, control }]) => needed && control.read() === "")
    return this.fits(missing.map(([field]) => ({ field, key: "desk.needed" })))
  }

  /** What the server refused: each fault at the field that `place` names, and at the top what has none here. */
  refuse(error: unknown, top: Top, place: (fault: Fault) => Wrong = whole): void {
    const faults = faultsOf(error)
    const left = this.show(faults.map(place))
    if (faults.length === 0 || left.length > 0) top.refuse(error)
  }

  /** Says at its field what is wrong; false where that is told something already, or there is none. */
  tell(fault: Wrong): boolean {
    const field = this.fields.get(fault.field)
    if (!field?.wrong.hidden) return false
    mark(field, fault)
    return true
  }

  /** Whether it is in the field, such as what has the focus. */
  within(name: string, node: EventTarget | null): boolean {
    return this.fields.get(name)?.control.element.contains(node as Node | null) ?? false
  }

  /** Takes away what is told at the field. */
  calm(name: string): void {
    const { subject, wrong, hint } = this.fields.get(name)!
    if (wrong.hidden) return
    wrong.hidden = true
    wrong.replaceChildren()
    attribute(subject, "aria-invalid", null)
    attribute(subject, "aria-describedby", hint)
  }
}

/** Values to choose from, for an input whose `list` is its id. */
export const choices = (id: string, values: Iterable<string>): HTMLDataListElement =>
  h("datalist", { id }, ...[...values].map((value) => h("option", { value })))

/** The time zones that this browser knows, its own first. */
export function zones(): HTMLDataListElement {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  return choices(`zones-${++serial}`, new Set([here, ...Intl.supportedValuesOf("timeZone")]))
}

/** What a form ends with: how it stands, and what is done with it. */
export const formBar = (state: Node | null, ...actions: readonly Node[]): HTMLElement =>
  h("div", { class: "form-bar" }, state ?? h("span"), h("div", { class: "actions" }, ...actions))

/** tags[1] is of tags. */
const whole = (fault: Fault): Fault => ({ ...fault, field: fault.field.replace(/\[.*$/, "") })

function mark({ subject, wrong, hint }: Field, fault: Wrong): void {
  wrong.append("key" in fault ? say(h("span"), fault.key, fault.values) : reasonOf(fault, true))
  wrong.hidden = false
  if (!(subject instanceof HTMLFieldSetElement)) attribute(subject, "aria-invalid", "true")
  attribute(subject, "aria-describedby", hint ? `${hint} ${wrong.id}` : wrong.id)
}

function plain(input: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement, exact = false): Control {
  return {
    element: input,
    input,
    // What is half a date has no value, and is not nothing.
    read: () => (input.validity.badInput ? "?" : exact ? input.value : input.value.trim()),
    fill: (value) => {
      input.value = value
    },
  }
}

const put = (element: HTMLElement, text: Text): HTMLElement =>
  typeof text === "string" ? say(element, text) : say(element, text.key, text.values)
