/** What would be refused of a form that is still being written: told at a field once the person has left it. */
import type { Form, Wrong } from "./form"

export class Early {
  private faults: readonly Wrong[] = []
  private readonly told = new Set<string>()

  constructor(private readonly form: Form) {
    form.element.addEventListener("focusout", ({ relatedTarget }) => this.mark(relatedTarget))
    // What is written anew may be right; the form itself takes away what is told there.
    form.element.addEventListener("input", ({ target }) => {
      this.faults = this.faults.filter(({ field }) => !form.within(field, target))
      for (const name of this.told) if (form.within(name, target)) this.told.delete(name)
    })
  }

  /** In place of what it told before. */
  tell(faults: readonly Wrong[]): void {
    const fields = new Set(faults.map(({ field }) => field))
    for (const name of this.told) if (!fields.has(name)) this.calm(name)
    this.faults = faults
    this.mark(document.activeElement)
  }

  private mark(focus: EventTarget | null): void {
    for (const fault of this.faults) {
      if (this.form.within(fault.field, focus)) continue
      if (this.told.has(fault.field)) this.calm(fault.field)
      if (this.form.tell(fault)) this.told.add(fault.field)
    }
  }

  private calm(name: string): void {
    this.told.delete(name)
    this.form.calm(name)
  }
}
