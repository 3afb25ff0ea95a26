/** A question before something is done that is not easily taken back. */
import type { Key } from "../i18n"
import { button, h, name, say, type Values } from "../ui/dom"

export interface Question {
  readonly title: Key
  readonly text: Key
  readonly values?: Values
  /** What the button that does it says. */
  readonly yes: Key
  /** A remark is asked for; `needed`: not without one. */
  readonly note?: { readonly label: Key; readonly needed: boolean }
}

const LONGEST_NOTE = 500
let serial = 0

/** The remark ("" where none is asked for), or null when the person thought better of it. */
export function ask(question: Question): Promise<string | null> {
  const { title, text, values, yes, note } = question
  const id = `ask-${++serial}`
  const said = h("textarea", { id, rows: 3, maxlength: LONGEST_NOTE, required: note?.needed ?? false })
  const dialog = h("dialog", { class: "ask", closedby: "any" })
  const form = h(
    "form",
    { method: "dialog" },
    say(h("h2"), title, values),
    say(h("p"), text, values),
    note ? h("div", { class: "field" }, say(h("label", { for: id }), note.label), said) : null,
    h(
      "div",
      { class: "actions" },
      button("desk.cancel", "small", () => dialog.close()),
      say(h("button", { class: "primary", value: "yes" }), yes),
    ),
  )
  name(dialog, title, values)
  dialog.append(form)
  document.body.append(dialog)
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove()
      resolve(dialog.returnValue === "yes" ? said.value.trim() : null)
    })
  })
}
