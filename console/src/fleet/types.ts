/** The types of events as boxes to tick, one group for what they are about. */
import type { Control } from "../desk/form"
import { type Key, word } from "../i18n"
import { h, say } from "../ui/dom"
import { grouped } from "./hooks"

export class Types implements Control {
  readonly element: HTMLFieldSetElement
  readonly input: HTMLElement
  private readonly boxes = new Map<string, HTMLInputElement>()
  private readonly wholes: (() => void)[] = []

  /** `chosen`: ticked to begin with. */
  constructor(chosen: readonly string[]) {
    const groups = [...grouped(chosen)].map(([about, types]) => this.group(about, types, chosen))
    this.element = h("fieldset", { class: "types" }, h("div", { class: "type-groups" }, ...groups))
    this.input = this.element.querySelector("input")!
    this.element.addEventListener("change", () => this.show())
    this.show()
  }

  read(): string {
    return this.chosen.join(" ")
  }

  fill(value: string): void {
    const chosen = new Set(value.split(" "))
    for (const [type, box] of this.boxes) box.checked = chosen.has(type)
    this.show()
  }

  get chosen(): readonly string[] {
    return [...this.boxes].filter(([, box]) => box.checked).map(([type]) => type)
  }

  private group(about: string, types: readonly string[], chosen: readonly string[]): HTMLElement {
    const boxes = types.map((type) => {
      const box = h("input", { type: "checkbox", name: type })
      box.checked = chosen.includes(type)
      this.boxes.set(type, box)
      return box
    })
    const whole = h("input", { type: "checkbox", name: `${about}.*` })
    whole.addEventListener("change", () => {
      for (const box of boxes) box.checked = whole.checked
    })
    this.wholes.push(() => {
      const ticked = boxes.filter((box) => box.checked).length
      whole.checked = ticked === boxes.length
      whole.indeterminate = ticked > 0 && ticked < boxes.length
    })
    const lines = types.map((type, i) =>
      h("li", {}, h("label", {}, boxes[i]!, h("span", {}, named(type), " ", h("code", {}, type)))),
    )
    const title = h(
      "label",
      { class: "type-group" },
      whole,
      h("b", {}, titled(about)),
      " ",
      h("code", {}, `${about}.*`),
    )
    return h("div", {}, title, h("ul", {}, ...lines))
  }

  private show(): void {
    for (const whole of this.wholes) whole()
  }
}

/** What the types of a group are about. */
export const titled = (about: string): HTMLElement | string =>
  word(`event.${about}`) === null ? about : named(about)

/** What an event's type means; what only the server knows is said as it is. */
export function named(type: string): HTMLElement {
  const key = `event.${type}`
  return word(key) === null ? h("span") : say(h("span"), key as Key)
}
