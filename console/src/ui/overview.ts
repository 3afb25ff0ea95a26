/** The fleet at a glance: how many, one bar split by state, and the states as filters with their counts. */
import { STATES, type State } from "../core/model"
import { number } from "../i18n"
import { attribute, button, h, name, say, write } from "./dom"
import { stateIcon } from "./icons"

/** As a reader expects them: the good first. */
const SHOWN: readonly State[] = ["on_route", "off_route", "stalled", "silent", "arrived", "finished", "idle"]

export class Overview {
  readonly element: HTMLElement
  private readonly bar = h("div", { class: "split", "aria-hidden": "true" })
  private readonly parts = new Map<State, HTMLElement>()
  private readonly chips = new Map<State, { chip: HTMLButtonElement; count: HTMLElement }>()
  private readonly total = h("b", { class: "total" }, "0")
  private readonly all: HTMLButtonElement

  constructor(choose: (state: State | null) => void) {
    this.all = button("list.none.all", "text", () => choose(null))
    const group = name(h("div", { class: "chips", role: "group" }), "list.filter")
    for (const state of SHOWN) {
      const count = h("b", {}, "0")
      const text = say(h("span"), `state.${state}`)
      const chip = h(
        "button",
        { type: "button", class: "chip", "data-filter": state },
        stateIcon(state),
        text,
        count,
      )
      chip.addEventListener("click", () => choose(state))
      this.chips.set(state, { chip, count })
      group.append(chip)
    }
    for (const state of SHOWN) {
      const part = h("i", { "data-state": state })
      this.parts.set(state, part)
      this.bar.append(part)
    }
    const head = h("div", { class: "overview-head" }, say(h("h2"), "list.title"), this.total, this.all)
    this.element = h("div", { class: "overview" }, head, this.bar, group)
  }

  /** ready: the counts are known. */
  show(counts: Readonly<Record<State, number>>, chosen: State | null, ready: boolean): void {
    const total = STATES.reduce((sum, state) => sum + counts[state], 0)
    for (const [state, part] of this.parts) part.style.flexGrow = String(counts[state])
    for (const [state, { chip, count }] of this.chips) {
      write(count, ready ? number(counts[state]) : "–")
      attribute(chip, "aria-pressed", String(state === chosen))
      attribute(chip, "data-count", String(counts[state]))
    }
    write(this.total, ready ? number(total) : "")
    this.all.hidden = chosen === null
  }
}
