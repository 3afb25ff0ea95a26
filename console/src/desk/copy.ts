/** A text that is to be taken elsewhere as it is, with a button that copies it. */
import type { Key } from "../i18n"
import { button, h, name, say } from "../ui/dom"

/** `label`: what it is. */
export function copied(label: Key, text: string): HTMLElement {
  const field = name(
    h("input", { class: "copy-text", readonly: true, value: text, spellcheck: "false" }),
    label,
  )
  field.addEventListener("focus", () => field.select())
  const told = h("span", { class: "copy-told", role: "status" })
  const copy = button("desk.copy", "small", () => {
    field.select()
    navigator.clipboard
      .writeText(text)
      .then(() => say(told, "desk.copied"))
      .catch(() => say(told, "desk.copy.yourself")) // the browser does not let us; the text is selected
  })
  return h("div", { class: "copy" }, field, copy, told)
}
