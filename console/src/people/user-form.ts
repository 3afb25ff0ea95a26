/** A new user as a form. */
import { Problem } from "../core/api"
import { isName } from "../core/names"
import { Form, formBar, type Wrong } from "../desk/form"
import { head } from "../desk/parts"
import type { Sheet } from "../desk/sheet"
import { button, h, say } from "../ui/dom"
import { isTag, madeUp, type NewUser, ROLES, tagsOf } from "./people"

const SHORTEST = 10
const MOST_TAGS = 16

export class UserForm {
  private readonly form = new Form()

  /** `add` makes the user, and goes on from there. */
  constructor(
    private readonly sheet: Sheet,
    back: string,
    private readonly add: (user: NewUser) => Promise<void>,
  ) {
    const { form } = this
    const another = button("people.password.another", "small", () => form.begin({ password: madeUp() }))
    const roles = ROLES.map((role) => [role, `role.${role}`] as const)
    const line = (maxlength: number) => ({
      attributes: { maxlength, spellcheck: "false", autocapitalize: "none" },
    })
    form.element.append(
      head(say(h("span"), "people.new"), [say(h("span"), "people.new.under")], []),
      h(
        "section",
        { class: "part stack" },
        form.text("user", "people.user", { hint: "people.user.hint", needed: true, ...line(48) }),
        form.text("name", "people.name", { hint: "people.name.hint", ...line(100) }),
        form.choice("role", "people.role", roles),
        form.text("tags", "people.tags", { hint: "people.tags.hint", ...line(600) }),
        form.text("password", "people.password", {
          hint: "people.password.hint",
          needed: true,
          exact: true,
          beside: [another],
          ...line(128),
        }),
      ),
      formBar(
        null,
        say(h("a", { class: "small", href: back }), "desk.cancel"),
        form.submit("people.new.do", "primary", () => this.save()),
      ),
    )
    form.begin({ password: madeUp() })
  }

  get element(): HTMLElement {
    return this.form.element
  }

  get unsaved(): boolean {
    return this.form.changed
  }

  private async save(): Promise<void> {
    const { form, sheet } = this
    const { user = "", name = "", role = "", password = "", tags: typed = "" } = form.values()
    const tags = tagsOf(typed)
    const wrong: Wrong[] = []
    if (!isName(user)) wrong.push({ field: "user", key: "people.user.wrong" })
    if (!tags.every(isTag) || tags.length > MOST_TAGS) wrong.push({ field: "tags", key: "people.tags.wrong" })
    if (password.length < SHORTEST) wrong.push({ field: "password", key: "people.password.short" })
    sheet.hush()
    if (!form.fits(wrong)) return
    try {
      await this.add({ user, role, name: name || user, password, tags })
    } catch (error) {
      const taken = error instanceof Problem && error.status === 409
      if (taken) form.show([{ field: "user", key: "people.user.taken" }])
      else form.refuse(error, sheet)
    }
  }
}
