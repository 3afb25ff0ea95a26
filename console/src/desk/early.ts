/** What would be refused of a form that is still being written: told at a field once the person has left it. */
import { attribute, h, say } from "../ui/dom"
import type { Wrong } from "./form"

export class Early {
  private faults: readonly Wrong[] = []
  private marked = new Set<HTMLElement>()

  constructor(private readonly form: HTMLElement) {
    form.addEventListener("focusout", ({ relatedTarget }) => this.mark(relatedTarget))
    // What is written anew may be right; the form itself takes away what is told there.
    form.addEventListener("input", ({ target }) => {
      this.faults = this.faults.filter(({ field }) => !this.field(field)?.contains(target as Node))
      for (const field of this.marked) if (field.contains(target as Node)) this.marked.delete(field)
    })
  }

  /** In place of what it told before. */
  tell(faults: readonly Wrong[]): void {
    const fields = new Set(faults.map(({ field }) => this.field(field)))
    for (const field of this.marked) if (!fields.has(field)) this.clear(field)
    this.faults = faults
    this.mark(document.activeElement)
  }

  private mark(focus: EventTarget | null): void {
    for (const fault of this.faults) {
      const field = this.field(fault.field)
      if (!field || field.contains(focus as Node | null)) continue
      const [input, wrong] = parts(field)
      if (!wrong.hidden && !this.marked.has(field)) continue // the form itself has told one
      attribute(wrong, "data-t", null)
      wrong.replaceChildren(
        "key" in fault ? say(h("span"), fault.key, fault.values) : h("span", {}, sentence(fault.reason)),
      )
      wrong.hidden = false
      attribute(input, "aria-invalid", "true")
      attribute(input, "aria-describedby", `${hint(input)} ${wrong.id}`.trim())
      this.marked.add(field)
    }
  }

  private clear(field: HTMLElement): void {
    const [input, wrong] = parts(field)
    this.marked.delete(field)
    wrong.hidden = true
    attribute(input, "aria-invalid", null)
    attribute(input, "aria-describedby", hint(input) || null)
  }

  private field(name: string): HTMLElement | null {
    const input = this.form.querySelector(`[id$="-${CSS.escape(name.replaceAll(".", "-"))}"]`)
    return input?.closest<HTMLElement>(".field") ?? null
  }
}

const parts = (field: HTMLElement): readonly [Element, HTMLElement] => [
  field.querySelector("input, select, textarea")!,
  field.querySelector<HTMLElement>(".wrong")!,
]

/** What describes it while nothing is wrong. */
const hint = (input: Element): string =>
  (input.getAttribute("aria-describedby") ?? "")
    .split(" ")
    .filter((id) => !id.endsWith("-wrong"))
    .join(" ")

const sentence = (reason: string) => `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`
