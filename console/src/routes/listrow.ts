/** What the lists of the editor are made of. Rows stay and change their content, so that the focus stays too. */
import type { Key } from "../i18n"
import { attribute, h, name, say, type Values } from "../ui/dom"
import { icon } from "../ui/icons"

export interface Row {
  readonly element: HTMLElement
  /** Fills in what is there now. */
  show(): void
}

export class Rows {
  readonly element: HTMLOListElement
  private readonly rows: Row[] = []

  constructor(
    look: string,
    private readonly make: (i: number) => Row,
  ) {
    this.element = h("ol", { class: look })
  }

  show(count: number): void {
    const within = this.element.contains(document.activeElement)
    while (this.rows.length > count) this.rows.pop()!.element.remove()
    while (this.rows.length < count) {
      const row = this.make(this.rows.length)
      this.rows.push(row)
      this.element.append(row.element)
    }
    for (const row of this.rows) row.show()
    if (within && !this.element.contains(document.activeElement)) this.focus(count - 1)
  }

  /** On the first field of a row. */
  focus(i: number): void {
    this.rows[i]?.element.querySelector("input")?.focus()
  }

  /** True, and the focus on it, where something written is none of what is asked for. */
  wrong(): boolean {
    const found = this.element.querySelector<HTMLElement>("[aria-invalid]:not([data-refused])")
    found?.focus()
    return found !== null
  }

  at(i: number): HTMLElement | undefined {
    return this.rows[i]?.element
  }
}

export interface Cell {
  readonly input: HTMLInputElement
  show(value: string, values: Values): void
}

/** A field without a label to be seen. `wrong`: what `told` says when `change` says that its text is none. */
export function cell(
  label: Key,
  attributes: Readonly<Record<string, string | number>>,
  [told, wrong]: readonly [HTMLElement, Key],
  change: (text: string) => boolean,
): Cell {
  const input = h("input", { autocomplete: "off", ...attributes })
  input.addEventListener("change", () => {
    attribute(input, "aria-invalid", null)
    const fits = change(input.value)
    complain(told, fits ? null : wrong)
    if (!fits) attribute(input, "aria-invalid", "true")
  })
  let shown: string | null = null
  return {
    input,
    show(value, values) {
      name(input, label, values)
      // What is written and is none stays until it is, or until there is something else.
      const refused = input.dataset.refused !== undefined
      if (value === shown && !refused && input.hasAttribute("aria-invalid")) {
        complain(told, wrong)
        return
      }
      shown = value
      if (input.value !== value) input.value = value
      attribute(input, "aria-invalid", null)
      attribute(input, "aria-describedby", null)
      attribute(input, "data-refused", null)
    },
  }
}

export type Way = "up" | "down" | "remove"
const WAYS: readonly Way[] = ["up", "down", "remove"]

/** Earlier, later, away. */
export class Movers {
  readonly element = h("div", { class: "movers" })
  private readonly buttons: Readonly<Record<Way, HTMLButtonElement>>

  constructor(act: (way: Way) => void) {
    const made = WAYS.map((way) => {
      const picture = icon(way === "remove" ? "close" : "up")
      const button = h("button", { type: "button", class: `ghost ${way}` }, picture)
      button.addEventListener("click", () => act(way))
      this.element.append(button)
      return [way, button]
    })
    this.buttons = Object.fromEntries(made) as Record<Way, HTMLButtonElement>
  }

  /** `what`: what is moved. */
  show(what: string, first: boolean, last: boolean): void {
    for (const way of WAYS) name(this.buttons[way], `routes.${way}`, { what })
    this.buttons.up.disabled = first
    this.buttons.down.disabled = last
  }
}

/** What is wrong with what was written; hidden while nothing is. */
export const complaint = () => h("p", { class: "wrong", role: "alert", hidden: true })

export function complain(at: HTMLElement, key: Key | null, values?: Values): void {
  at.hidden = key === null
  if (key) say(at, key, values)
}
