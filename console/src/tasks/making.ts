/** A new task on its way: what was typed is kept until the server has it, whatever comes between. */

import { href } from "../core/address"
import { faultsOf } from "../core/api"
import type { Desk } from "../core/desk"
import { ask } from "../desk/ask"
import type { Values } from "../desk/form"
import type { Sheet } from "../desk/sheet"
import { button, h, say } from "../ui/dom"
import { AGAIN, blank, body, fieldOf } from "./draft"
import { TaskForm } from "./form"
import { makeSchedule, makeTask, type Route, type Schedule, type Task } from "./tasks"

const FIRST_CURRENCY = "CNY"

export class Making {
  private readonly zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  private readonly submit = h("button", { type: "submit", class: "primary" })
  private readonly form: TaskForm
  /** What the form began with. */
  private began: string
  /** What was sent last: the same again has the same key, so that it is done once. */
  private sent = { text: "", key: "" }
  private busy = false
  private currency = FIRST_CURRENCY

  /** `made`: the server has it. */
  constructor(
    private readonly desk: Desk,
    private readonly sheet: Sheet,
    private readonly made: (thing: Task | Schedule) => void,
  ) {
    const buttons = h(
      "div",
      { class: "actions" },
      this.submit,
      button("form.discard", "small", () => void this.discard()),
    )
    this.form = new TaskForm(desk, this.zone, buttons, () => this.keep())
    this.form.form.element.addEventListener("submit", (event) => {
      event.preventDefault()
      void this.send()
    })
    const kept = sessionStorage.getItem(this.key)
    this.began = this.begin(blank(this.zone, this.currency))
    if (kept) this.form.fill(JSON.parse(kept) as Values)
    this.keep()
  }

  /** currency: of the fleet's other tasks; null where there are none. */
  show(currency: string | null): void {
    this.currency = currency ?? this.currency
    if (!this.dirty) this.began = this.begin(blank(this.zone, this.currency))
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
    return JSON.stringify(this.values) !== this.began
  }

  private get values(): Values {
    return this.form.form.values()
  }

  private get key(): string {
    const { fleet, user } = this.desk.session
    return `milepost.task/${fleet}/${user}`
  }

  private begin(values: Values): string {
    this.form.form.refuse([])
    this.form.fill(values)
    sessionStorage.removeItem(this.key)
    return JSON.stringify(this.values)
  }

  private keep(): void {
    this.speak()
    if (this.dirty) sessionStorage.setItem(this.key, JSON.stringify(this.values))
    else sessionStorage.removeItem(this.key)
  }

  /** Whether what is written may go. */
  private async sure(): Promise<boolean> {
    if (!this.dirty) return true
    const question = { title: "form.discard", text: "form.discard.sure", yes: "form.discard" } as const
    return (await ask(question)) !== null
  }

  private async discard(): Promise<void> {
    if (!(await this.sure())) return
    this.began = this.begin(blank(this.zone, this.currency))
    this.sheet.hush()
    location.hash = href("tasks")
  }

  private async send(): Promise<void> {
    if (this.busy) return
    this.sheet.hush()
    const { values } = this
    const ready = body(values)
    if ("wrong" in ready) {
      this.form.form.refuse(ready.wrong)
      return
    }
    const text = JSON.stringify(ready.body)
    if (text !== this.sent.text) this.sent = { text, key: crypto.randomUUID() }
    this.busy = true
    this.submit.setAttribute("aria-busy", "true")
    try {
      const make = values.mode === AGAIN ? makeSchedule : makeTask
      const made = await make(this.desk, ready.body, this.sent.key)
      this.sent = { text: "", key: "" } // the same once more is another one
      this.began = this.begin(blank(this.zone, this.currency))
      this.made(made)
    } catch (error) {
      this.refused(error, values.mode ?? "")
    } finally {
      this.busy = false
      this.submit.removeAttribute("aria-busy")
    }
  }

  private refused(error: unknown, mode: string): void {
    const { form } = this.form
    const faults = faultsOf(error)
    const has = (name: string) => form.has(name)
    const placed = faults.map(({ field, reason }) => ({ field: fieldOf(field, mode, has), reason }))
    if (faults.length === 0 || form.refuse(placed).length > 0) this.sheet.refuse(error)
  }
}
