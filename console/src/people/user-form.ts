/** A new user as a form. */
import { Problem } from "../core/api"
import { beside, Fields } from "../desk/fields"
import { head } from "../desk/parts"
import type { Sheet } from "../desk/sheet"
import { type Key, t } from "../i18n"
import { button, h, say } from "../ui/dom"
import { isTag, isUser, madeUp, type NewUser, ROLES, tagsOf } from "./people"

const SHORTEST = 10
const MOST_TAGS = 16

export class UserForm {
  readonly element: HTMLFormElement
  private readonly fields = new Fields()
  private readonly user = line(48)
  private readonly name = line(100)
  private readonly password = line(128)
  private readonly tags = line(600)
  private readonly role = h(
    "select",
    {},
    ...ROLES.map((role) => say(h("option", { value: role }), `role.${role}`)),
  )
  private readonly saving = say(h("button", { type: "submit", class: "primary" }), "people.new.do")
  private readonly begun: string

  /** `add` makes the user, and goes on from there. */
  constructor(
    private readonly sheet: Sheet,
    back: string,
    private readonly add: (user: NewUser) => Promise<void>,
  ) {
    const { fields } = this
    this.password.value = madeUp()
    const another = button("people.password.another", "small", () => {
      this.password.value = madeUp()
    })
    this.element = h(
      "form",
      { class: "settings", novalidate: true },
      head(t("people.new"), [say(h("span"), "people.new.under")], []),
      h(
        "section",
        { class: "part" },
        fields.add("user", "people.user", this.user, "people.user.hint"),
        fields.add("name", "people.name", this.name, "people.name.hint"),
        fields.add("role", "people.role", this.role),
        fields.add("tags", "people.tags", this.tags, "people.tags.hint"),
        fields.add("password", "people.password", this.password, "people.password.hint"),
      ),
      h(
        "div",
        { class: "form-bar" },
        h("span"),
        h(
          "div",
          { class: "actions" },
          say(h("a", { class: "small", href: back }), "desk.cancel"),
          this.saving,
        ),
      ),
    )
    beside(this.password, another)
    say(this.element.querySelector("h2")!, "people.new")
    this.begun = this.typed
    this.element.addEventListener("submit", (event) => {
      event.preventDefault()
      void this.save()
    })
  }

  get unsaved(): boolean {
    return this.typed !== this.begun
  }

  private get typed(): string {
    return [this.user, this.name, this.role, this.tags].map(({ value }) => value).join("\n")
  }

  private async save(): Promise<void> {
    const { fields, sheet } = this
    const tags = tagsOf(this.tags.value)
    const user = this.user.value.trim()
    const password = this.password.value
    fields.clear()
    sheet.hush()
    if (!isUser(user)) fault("user", "people.user.wrong")
    if (!tags.every(isTag) || tags.length > MOST_TAGS) fault("tags", "people.tags.wrong")
    if (password.length < SHORTEST) fault("password", "people.password.short")
    if (fields.focus()) return
    this.saving.disabled = true
    try {
      await this.add({ user, role: this.role.value, name: this.name.value.trim() || user, password, tags })
    } catch (error) {
      this.refused(error)
    } finally {
      this.saving.disabled = false
    }

    function fault(field: string, key: Key): void {
      fields.fault(field, { key })
    }
  }

  private refused(error: unknown): void {
    const { fields, sheet } = this
    if (error instanceof Problem && error.status === 409) {
      fields.fault("user", { key: "people.user.taken" })
      fields.focus()
      return
    }
    fields.refuse(error, sheet)
  }
}

function line(longest: number): HTMLInputElement {
  const made = h("input", { type: "text", autocomplete: "off", maxlength: longest, spellcheck: "false" })
  made.setAttribute("autocapitalize", "none")
  return made
}
