/** A question before something is done that is not easily taken back. */
import type { Key } from "../i18n"
import { button, h, name, say, type Values } from "../ui/dom"
import { because } from "./because"
import { Form } from "./form"

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

/** The remark ("" where none is asked for), or null when the person thought better of it. */
export async function ask(
  question: Question & { readonly note?: Note },
  doing?: (note: string) => Promise<void>,
): Promise<string | null> {
  const form = new Form()
  const fields = question.note ? [remark(form, question.note)] : []
  const note = () => form.values().note ?? ""
  const agreed = await inquire(question, form, fields, async () => doing?.(note()))
  return agreed ? note() : null
}

/** A field for a remark, `note`. */
export const remark = (form: Form, { label, needed }: Note): HTMLElement =>
  form.area("note", label, { needed, attributes: { maxlength: LONGEST_NOTE } })

/** Whether it was done, also where the person thought better of it too late. `fields`: of the form. What refuses it is
 * told inside, and nothing that was typed is lost. */
export function inquire(
  { title, text, values, yes }: Question,
  form: Form,
  fields: readonly HTMLElement[],
  doing: () => Promise<void>,
): Promise<boolean> {
  // A click beside it must not take away what was typed.
  const dialog = h("dialog", { class: "ask", closedby: fields.length > 0 ? "closerequest" : "any" })
  const notice = h("div", { class: "notice", role: "alert", hidden: true })
  const refuse = (error: unknown) => {
    notice.replaceChildren(because(error))
    notice.hidden = false
  }
  let done = false
  const trying = async () => {
    notice.hidden = true
    if (!form.complete()) return
    try {
      await doing()
      done = true
      dialog.close()
    } catch (error) {
      form.refuse(error, { refuse })
    }
  }
  let tried = Promise.resolve()
  const agree = form.submit(yes, "primary", () => {
    tried = trying()
    return tried
  })
  form.element.append(
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
  name(dialog, title, values)
  dialog.append(form.element)
  document.body.append(dialog)
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove()
      void tried.finally(() => resolve(done))
    })
  })
}
