/** A new task on its way: what was typed is kept until the server has it, whatever comes between. */
import { href, Onward } from "../core/address"
import type { Fault } from "../core/api"
import type { Desk } from "../core/desk"
import { Typed } from "../core/typed"
import { ask } from "../desk/ask"
import type { Values } from "../desk/form"
import type { Sheet } from "../desk/sheet"
import { button, h, say } from "../ui/dom"
import { AGAIN, blank, body, fieldOf } from "./draft"
import { TaskForm } from "./form"
import { makeSchedule, makeTask, type Route, type Schedule, type Task } from "./tasks"

const FIRST_CURRENCY = "CNY"

export class Making {
  private readonly typed: Typed
  private readonly zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  private readonly form: TaskForm
  private readonly submit: HTMLButtonElement
  /** What was sent last: the same again has the same key, so that it is done once. */
  private sent = { text: "", key: "" }
  private currency = FIRST_CURRENCY

  /** `made`: the server has it; `onward`: from where it was sent. */
  constructor(
    private readonly desk: Desk,
    private readonly sheet: Sheet,
    private readonly made: (thing: Task | Schedule, onward: Onward) => void,
  ) {
    const buttons = h("div", { class: "actions" })
    this.form = new TaskForm(desk, this.zone, buttons, () => this.keep())
    this.submit = this.form.form.submit("form.make.task", "primary", () => this.send())
    buttons.append(
      this.submit,
      button("form.discard", "small", () => void this.discard()),
    )
    this.typed = new Typed(desk.session, "task")
    const kept = this.typed.get()
    this.begin()
    if (kept) this.form.fill(JSON.parse(kept) as Values)
    this.keep()
  }

  /** currency: of the fleet's other tasks; null where there are none. */
  show(currency: string | null): void {
    this.currency = currency ?? this.currency
    if (!this.dirty) this.begin()
    this.sheet.put(say(h("h2"), "form.new"), this.form.form.element)
    this.speak()
    this.form.form.element.querySelector("input")?.focus()
  }

  /** Begins with these; false where the person would rather go on with what is written. */
  async like(make: (now: number, zone: string) => Values): Promise<boolean> {
    if (!(await this.sure())) return false
    this.form.fill(make(Date.now() / 1000, this.zone))
    this.keep()
    return true
  }

  offer(routes: readonly Route[]): void {
    this.form.offer(routes)
  }

  speak(): void {
    this.form.refresh()
    say(this.submit, this.values.mode === AGAIN ? "form.make.schedule" : "form.make.task")
  }

  private get dirty(): boolean {
    return this.form.form.changed
  }

  private get values(): Values {
    return this.form.form.values()
  }

  private begin(): void {
    this.form.begin(blank(this.zone, this.currency))
    this.typed.keep(null)
  }

  private keep(): void {
    this.speak()
    this.typed.keep(this.dirty ? JSON.stringify(this.values) : null)
  }

  /** Whether what is written may go. */
  private async sure(): Promise<boolean> {
    if (!this.dirty) return true
    const question = { title: "form.discard", text: "form.discard.sure", yes: "form.discard" } as const
    return (await ask(question)) !== null
  }

  private async discard(): Promise<void> {
    const onward = new Onward()
    if (!(await this.sure())) return
    this.begin()
    this.sheet.hush()
    onward.go(href("tasks"))
  }

  private async send(): Promise<void> {
    this.sheet.hush()
    const { values } = this
    const ready = body(values)
    if ("wrong" in ready) {
      this.form.form.show(ready.wrong)
      return
    }
    const onward = new Onward()
    const text = JSON.stringify(ready.body)
    if (text !== this.sent.text) this.sent = { text, key: crypto.randomUUID() }
    try {
      const make = values.mode === AGAIN ? makeSchedule : makeTask
      const made = await make(this.desk, ready.body, this.sent.key)
      this.sent = { text: "", key: "" } // the same once more is another one
      this.begin()
      this.made(made, onward)
    } catch (error) {
      const { form } = this.form
      const has = (name: string) => form.has(name)
      const place = (fault: Fault) => ({ ...fault, field: fieldOf(fault.field, values.mode ?? "", has) })
      form.refuse(error, this.sheet, place)
    }
  }
}
