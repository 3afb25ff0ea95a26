/** A secret that is shown this once: what it is, and what to do with it. */
import type { Key } from "../i18n"
import { button, h, say } from "../ui/dom"
import { copied } from "./copy"

export interface Secret {
  readonly title: Key
  readonly once: Key
  readonly use: Key
  readonly text: string
}

/** `kept`: the person has taken it elsewhere. */
export function shownOnce({ title, once, use, text }: Secret, kept: () => void): HTMLElement {
  const made = h(
    "section",
    { class: "part secret" },
    say(h("h3"), title),
    say(h("p"), once),
    copied(title, text),
    say(h("p", { class: "quiet" }), use),
    button("desk.kept", "small", () => {
      made.remove()
      kept()
    }),
  )
  return made
}
