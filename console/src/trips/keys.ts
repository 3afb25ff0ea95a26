/** Keys for who looks through many trips in a row; they can be switched off. */
import { h, name, say } from "../ui/dom"

const KEY = "milepost.trips.keys"
const TYPING = "input, textarea, select, [contenteditable], dialog"

export class Keys {
  /** What the keys do, and the switch. */
  readonly element: HTMLElement
  private readonly on = h("input", { type: "checkbox" })

  constructor(
    private readonly does: Readonly<Record<"j" | "k" | "a", () => void>>,
    /** Without it, approval has no key. */
    approves: boolean,
  ) {
    this.on.checked = localStorage.getItem(KEY) !== "off"
    this.on.addEventListener("change", () => localStorage.setItem(KEY, this.on.checked ? "on" : "off"))
    this.element = h(
      "div",
      { class: "keys" },
      h("label", {}, this.on, say(h("span"), "trip.keys")),
      key("J"),
      say(h("span"), "trip.keys.next"),
      key("K"),
      say(h("span"), "trip.keys.previous"),
      approves && key("A"),
      approves && say(h("span"), "trip.keys.approve"),
    )
    name(this.element, "trip.keys")
    this.element.setAttribute("role", "group")
  }

  /** Never while somebody types, with another key held, or for as long as a key is held down. */
  press(event: KeyboardEvent): void {
    const { target, key, ctrlKey, metaKey, altKey, repeat } = event
    if (!this.on.checked || ctrlKey || metaKey || altKey || repeat || event.defaultPrevented) return
    if (target instanceof Element && target.closest(TYPING)) return
    if (document.querySelector("dialog[open]")) return
    const pressed = key.toLowerCase()
    if (pressed === "j" || pressed === "k" || pressed === "a") {
      event.preventDefault()
      this.does[pressed]()
    }
  }
}

const key = (letter: string): HTMLElement => h("kbd", {}, letter)
