/** A user as a form: a new one, or one that is changed. */
import { Problem } from "../core/api"
import { beside, Fields } from "../desk/fields"
import { head } from "../desk/parts"
import type { Sheet } from "../desk/sheet"
import { type Key, t } from "../i18n"
import { button, h, say } from "../ui/dom"
import {
  type Change,
  difference,
  isTag,
  isUser,
  madeUp,
  type NewUser,
  ROLES,
  SHORTEST,
  tagsOf,
  type User,
} from "./people"

const MOST_TAGS = 16

abstract class Form {
  readonly element: HTMLFormElement
  protected readonly fields = new Fields()
  protected readonly name: HTMLInputElement
  protected readonly tags: HTMLInputElement
  protected readonly role = h(
    "select",
    {},
    ...ROLES.map((role) => say(h("option", { value: role }), `role.${role}`)),
  )
  private readonly saving: HTMLButtonElement
  private begun = ""

  constructor(
    protected readonly sheet: Sheet,
    save: Key,
    user: User | null,
  ) {
    this.saving = say(h("button", { type: "submit", class: "primary" }), save)
    this.name = line(100, user?.name)
    this.tags = line(600, user?.tags.join(", "))
    this.role.value = user?.role ?? ROLES[0]
    this.element = h("form", { class: "settings", novalidate: true })
    this.element.addEventListener("submit", (event) => {
      event.preventDefault()
      void this.save()
    })
  }

  get first(): HTMLElement {
    return this.name
  }

  get unsaved(): boolean {
    return this.typed !== this.begun
  }

  protected get typed(): string {
    return [this.name, this.role, this.tags].map(({ value }) => value).join("\n")
  }

  protected fill(title: HTMLElement, back: HTMLElement, ...fields: readonly HTMLElement[]): void {
    const actions = h("div", { class: "actions" }, back, this.saving)
    const bar = h("div", { class: "form-bar" }, h("span"), actions)
    this.element.append(title, h("section", { class: "part" }, ...fields), bar)
    this.begun = this.typed
  }

  protected fault(field: string, key: Key): void {
    this.fields.fault(field, { key })
  }

  /** Finds fault with what is typed, at its field. */
  protected check(): void {
    const tags = tagsOf(this.tags.value)
    if (!tags.every(isTag) || tags.length > MOST_TAGS) this.fault("tags", "people.tags.wrong")
  }

  protected abstract send(): Promise<void>

  protected refused(error: unknown): void {
    this.fields.refuse(error, this.sheet)
  }

  private async save(): Promise<void> {
    this.fields.clear()
    this.sheet.hush()
    this.check()
    if (this.fields.focus()) return
    this.saving.disabled = true
    try {
      await this.send()
    } catch (error) {
      this.refused(error)
    } finally {
      this.saving.disabled = false
    }
  }
}

export class NewUserForm extends Form {
  private readonly user = line(48)
  private readonly password = line(128, madeUp())

  /** `add` makes the user, and goes on from there. */
  constructor(
    sheet: Sheet,
    back: string,
    private readonly add: (user: NewUser) => Promise<void>,
  ) {
    super(sheet, "people.new.do", null)
    const { fields } = this
    const title = head(t("people.new"), [say(h("span"), "people.new.under")], [])
    say(title.querySelector("h2")!, "people.new")
    this.fill(
      title,
      say(h("a", { class: "small", href: back }), "desk.cancel"),
      fields.add("user", "people.user", this.user, "people.user.hint"),
      fields.add("name", "people.name", this.name, "people.name.hint"),
      fields.add("role", "people.role", this.role),
      fields.add("tags", "people.tags", this.tags, "people.tags.hint"),
      fields.add("password", "people.password", this.password, "people.password.hint"),
    )
    beside(this.password, another(this.password))
  }

  protected override get typed(): string {
    return `${this.user.value}\n${super.typed}`
  }

  protected override check(): void {
    if (!isUser(this.user.value.trim())) this.fault("user", "people.user.wrong")
    super.check()
    if (this.password.value.length < SHORTEST) this.fault("password", "people.password.short")
  }

  protected send(): Promise<void> {
    const user = this.user.value.trim()
    const name = this.name.value.trim() || user
    const tags = tagsOf(this.tags.value)
    return this.add({ user, role: this.role.value, name, password: this.password.value, tags })
  }

  protected override refused(error: unknown): void {
    if (error instanceof Problem && error.status === 409) {
      this.fault("user", "people.user.taken")
      this.fields.focus()
    } else super.refused(error)
  }
}

export class ChangedUserForm extends Form {
  /** `change` does it, and goes on from there; `back` goes on without it. `own`: the user's own form. */
  constructor(
    sheet: Sheet,
    private readonly before: User,
    own: boolean,
    back: () => void,
    private readonly change: (change: Change) => Promise<void>,
  ) {
    super(sheet, "people.save", before)
    const { fields } = this
    this.role.disabled = own
    this.fill(
      head(before.name, [say(h("span"), "people.edit")], []),
      button("desk.cancel", "small", back),
      fields.add("name", "people.name", this.name, "people.name.hint"),
      fields.add("role", "people.role", this.role, own ? "people.role.own" : "people.role.hint"),
      fields.add("tags", "people.tags", this.tags, "people.tags.hint"),
    )
  }

  protected send(): Promise<void> {
    const name = this.name.value.trim() || this.before.user
    return this.change(
      difference(this.before, { name, role: this.role.value, tags: tagsOf(this.tags.value) }),
    )
  }
}

export function line(longest: number, value = ""): HTMLInputElement {
  const made = h("input", { type: "text", autocomplete: "off", maxlength: longest, spellcheck: "false" })
  made.setAttribute("autocapitalize", "none")
  made.value = value
  return made
}

/** A button that makes another password up. */
export const another = (password: HTMLInputElement): HTMLButtonElement =>
  button("people.password.another", "small", () => {
    password.value = madeUp()
  })
