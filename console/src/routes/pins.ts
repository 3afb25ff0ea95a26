/** The marks' numbers over the drawing, to be pointed at; by keyboard the list beside it does the same. */
import { attribute, h } from "../ui/dom"
import type { Mark } from "./picture"
import type { LonLat } from "./routes"

/** A pin that would cover another is put beside it, so many times at most [CSS pixels]. */
const WIDE = 26
const BESIDE = 4

export class Pins {
  readonly element = h("div", { class: "pins" })
  private readonly ring = h("i", { class: "here", hidden: true })
  private here: LonLat | null = null
  private pins: { readonly mark: Mark; readonly pin: HTMLElement }[] = []

  constructor(private readonly choose: (number: number) => void) {}

  show(marks: readonly Mark[], label: (number: number) => string): void {
    this.pins = marks.map((mark) => {
      const { number, blocks } = mark
      const look = { type: "button", class: "pin", tabindex: -1, title: label(number), "data-blocks": blocks }
      const pin = h("button", { ...look, "data-pin": number }, String(number))
      pin.addEventListener("click", () => this.choose(number))
      return { mark, pin }
    })
    // What blocks lies on top.
    const order = [...this.pins].sort((a, b) => Number(a.mark.blocks) - Number(b.mark.blocks))
    this.element.replaceChildren(...order.map(({ pin }) => pin), this.ring)
  }

  /** `screen`: CSS pixels from the frame's corner. */
  place(screen: (at: LonLat) => readonly [number, number]): void {
    this.ring.hidden = this.here === null
    if (this.here) {
      const [x, y] = screen(this.here)
      this.ring.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`
    }
    const taken: (readonly [number, number])[] = []
    for (const { mark, pin } of this.pins) {
      let [x, y] = screen(mark.at)
      const covered = ([otherX, otherY]: readonly [number, number]) =>
        Math.abs(otherX - x) < WIDE && Math.abs(otherY - y) < WIDE
      for (let i = 0; i < BESIDE && taken.some(covered); i++) x += WIDE
      taken.push([x, y])
      pin.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`
    }
  }

  /** A ring around a place; `place` follows. */
  point(at: LonLat | null): void {
    this.here = at
  }

  mark(number: number | null): void {
    for (const { mark, pin } of this.pins) attribute(pin, "data-chosen", mark.number === number ? "" : null)
  }
}
