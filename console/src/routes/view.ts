/** One of the things that the routes' sheet shows. */
import type { Desk } from "../core/desk"
import type { Sheet } from "../desk/sheet"
import type { Key } from "../i18n"
import { h, type Values } from "../ui/dom"
import type { Plan } from "./plan"

export interface View {
  /** The language has changed. */
  speak(): void
  unsaved?(): boolean
  /** Something else is shown. */
  end?(): void
}

/** What views are made with. */
export interface Place {
  readonly desk: Desk
  readonly sheet: Sheet
  readonly plan: Plan
  /** Whether the person is still there. */
  here(): boolean
  /** The list is not as it was. */
  changed(): void
  /** Goes to another thing, and tells something there; but for who has left, only the list is brought up to date. */
  go(thing: string | null, told?: Key, values?: Values): void
}

/** One of them that is fetched as a whole. */
export abstract class Fetched<T> implements View {
  private found: T | null = null

  constructor(
    protected readonly place: Place,
    /** Of the route. */
    protected readonly id: string,
  ) {
    void this.open()
  }

  speak(): void {
    if (this.found) this.show(this.found)
  }

  protected open(): Promise<void> {
    const { sheet, desk } = this.place
    return sheet.open(
      (signal) => this.fetch(desk, signal),
      (found) => {
        this.found = found
        this.show(found)
      },
    )
  }

  protected abstract fetch(desk: Desk, signal: AbortSignal): Promise<T>
  protected abstract show(found: T): void
}

/** The drawing beside, or above, what is written. */
export function columns(plan: Plan, ...parts: readonly (Node | null | false)[]): HTMLElement {
  const written = parts.filter((part): part is Node => !!part)
  return h(
    "div",
    { class: "route" },
    h("div", { class: "route-columns" }, plan.element, h("div", { class: "route-parts" }, ...written)),
  )
}
