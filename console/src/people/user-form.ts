/** A user as a form: a new one, or one that is changed. */
import { Problem } from "../core/api"
import { isName } from "../core/names"
import { Form, formBar, type Wrong } from "../desk/form"
import { head } from "../desk/parts"
import type { Sheet } from "../desk/sheet"
import { button, h, say } from "../ui/dom"
import { isTag, madeUp, type NewUser, ROLES, SHORTEST, tagsOf, type User } from "./people"

const MOST_TAGS = 16

export class UserForm {
  private readonly form = new Form()

  /** `before`: the one that is changed; `own`: by themself. `back`: for who thinks better of it. `put` makes or
   * changes the user (whose password is "" where it stays), and goes on from there. */
  constructor(
    private readonly sheet: Sheet,
    private readonly before: User | null,
    own: boolean,
    back: HTMLElement,
    private readonly put: (user: NewUser) => Promise<void>,
  ) {
    const { form } = this
    const roles = ROLES.map((role) => [role, `role.${role}`] as const)
    const role = before
      ? ({ hint: own ? "people.role.own" : "people.role.hint", attributes: { disabled: own } } as const)
      : {}
    const user = { hint: "people.user.hint", needed: true, ...line(48) } as const
    form.element.append(
      before
        ? head(before.name, [say(h("span"), "people.edit")], [])
        : head(say(h("span"), "people.new"), [say(h("span"), "people.new.under")], []),
      h(
        "section",
        { class: "part stack" },
        before === null && form.text("user", "people.user", user),
        form.text("name", "people.name", { hint: "people.name.hint", ...line(100) }),
        form.choice("role", "people.role", roles, role),
        form.text("tags", "people.tags", { hint: "people.tags.hint", ...line(600) }),
        before === null && passwordField(form),
      ),
      formBar(
        null,
        back,
        form.submit(before ? "people.save" : "people.new.do", "primary", () => this.save()),
      ),
    )
    if (before) form.begin({ name: before.name, role: before.role, tags: before.tags.join(", ") })
  }

  get element(): HTMLElement {
    return this.form.element
  }

  get unsaved(): boolean {
    return this.form.changed
  }

  private async save(): Promise<void> {
    const { form, sheet, before } = this
    const { name = "", role = "", password = "", tags: typed = "", ...others } = form.values()
    const user = before?.user ?? others.user ?? ""
    const tags = tagsOf(typed)
    const wrong: Wrong[] = []
    if (!isName(user)) wrong.push({ field: "user", key: "people.user.wrong" })
    if (!tags.every(isTag) || tags.length > MOST_TAGS) wrong.push({ field: "tags", key: "people.tags.wrong" })
    if (!before && password.length < SHORTEST) wrong.push({ field: "password", key: "people.password.short" })
    sheet.hush()
    if (!form.fits(wrong)) return
    try {
      await this.put({ user, role, name: name || user, password, tags })
    } catch (error) {
      const taken = !before && error instanceof Problem && error.status === 409
      if (taken) form.show([{ field: "user", key: "people.user.taken" }])
      else form.refuse(error, sheet)
    }
  }
}

/** `password`, made up, with a button for another one. */
export function passwordField(form: Form): HTMLElement {
  const fill = () => form.begin({ password: madeUp() })
  const field = form.text("password", "people.password", {
    hint: "people.password.hint",
    needed: true,
    exact: true,
    beside: [button("people.password.another", "small", fill)],
    ...line(128),
  })
  fill()
  return field
}

const line = (maxlength: number) => ({
  attributes: { maxlength, spellcheck: "false", autocapitalize: "none" },
})
