/** A question before something is done that is not easily taken back. */
import type { Key } from "../i18n"
import { button, h, name, say, type Values } from "../ui/dom"
import { because } from "./because"

export interface Question {
  readonly title: Key
  readonly text: Key
  readonly values?: Values
  /** What the button that does it says. */
  readonly yes: Key
}

export interface Note {
  readonly label: Key
  /** Not without one. */
  readonly needed: boolean
}

const LONGEST_NOTE = 500
let serial = 0

/** The remark ("" where none is asked for), or null when the person thought better of it. */
export async function ask(
  question: Question & { readonly note?: Note },
  doing?: (note: string) => Promise<void>,
): Promise<string | null> {
  const said = question.note && remark(question.note)
  const note = () => said?.querySelector("textarea")?.value.trim() ?? ""
  const agreed = await inquire(question, said ? [said] : [], async () => doing?.(note()))
  return agreed ? note() : null
}

/** A field for a remark. */
export function remark({ label, needed }: Note): HTMLElement {
  const id = `ask-${++serial}`
  const field = h("textarea", { id, rows: 3, maxlength: LONGEST_NOTE, required: needed })
  return h("div", { class: "field" }, say(h("label", { for: id }), label), field)
}

/** Whether it was done. What refuses it is told inside, and nothing that was typed is lost. */
export function inquire(
  { title, text, values, yes }: Question,
  fields: readonly HTMLElement[],
  doing: () => Promise<void>,
): Promise<boolean> {
  // A click beside it must not take away what was typed.
  const dialog = h("dialog", { class: "ask", closedby: fields.length > 0 ? "closerequest" : "any" })
  const notice = h("div", { class: "notice", role: "alert", id: `ask-${++serial}`, hidden: true })
  const agree = say(h("button", { class: "primary" }), yes)
  const form = h(
    "form",
    { method: "dialog" },
    say(h("h2"), title, values),
    say(h("p"), text, values),
    ...fields,
    notice,
    h(
      "div",
      { class: "actions" },
      button("desk.cancel", "small", () => dialog.close()),
      agree,
    ),
  )
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    agree.disabled = true
    notice.hidden = true
    doing()
      .then(() => dialog.close("yes"))
      .catch((error: unknown) => {
        notice.replaceChildren(because(error))
        notice.hidden = false
      })
      .finally(() => {
        agree.disabled = false
      })
  })
  name(dialog, title, values)
  dialog.append(form)
  document.body.append(dialog)
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove()
      resolve(dialog.returnValue === "yes")
    })
  })
}
