/** People: who belongs to the fleet, and how the couriers' phones are connected. */
import { href, Onward } from "../core/address"
import type { Desk } from "../core/desk"
import { shownOnce } from "../desk/once"
import { Sheet } from "../desk/sheet"
import { Shelf } from "../desk/shelf"
import { type Key, number, t } from "../i18n"
import type { Office, Page } from "../page"
import { button, h, say } from "../ui/dom"
import { disabled, enabled, newPassword } from "./acts"
import {
  addUser,
  changeUser,
  difference,
  fits,
  listed,
  type NewUser,
  openTrips,
  type Phone,
  phones,
  rides,
  type User,
  users,
} from "./people"
import { type Found, person, standing } from "./person"
import { Phones } from "./phones"
import { UserForm } from "./user-form"

/** No user is called so. */
const NEW = "~new"
const PAGE = 100
/** There are few gateways; they are among the active. */
const FILTERS = ["active", "courier", "manager", "admin", "disabled"] as const
const PASSWORD = {
  title: "people.password",
  once: "people.password.once",
  use: "people.password.use",
} as const

export class People implements Page {
  readonly parts: readonly HTMLElement[]
  private readonly sheet = new Sheet(href("people"))
  private readonly shelf: Shelf<User>
  private readonly accounts: Desk
  private everybody: readonly User[] = []
  private phones: readonly Phone[] = []
  /** Of devices that were registered in this tab: the server keeps none. */
  private readonly keys = new Map<string, string>()
  private form: UserForm | Phones | null = null
  private thing: string | null = null
  private inFront = false
  /** The password of the user that was made just now. */
  private fresh: { readonly user: string; readonly password: string } | null = null

  constructor(private readonly office: Office) {
    this.accounts = office.desk.at(office.config.apis.accounts)
    this.shelf = new Shelf<User>({
      page: "people",
      title: "people.title",
      filters: FILTERS.map((key) => ({ key, label: `people.filter.${key}` }) as const),
      empty: { title: "people.none", next: "people.none.next" },
      search: { label: "people.search", empty: { title: "people.none", next: "people.search.none" } },
      fetch: async (filter, after, signal, sought) => {
        if (after === null) [this.everybody, this.phones] = await this.fetch(signal)
        const fitting = this.everybody.filter((user) => (sought ? fits(user, sought) : listed(user, filter)))
        const from = Number(after ?? 0)
        const next = from + PAGE < fitting.length ? String(from + PAGE) : null
        return { items: fitting.slice(from, from + PAGE), next }
      },
      id: ({ user }) => user,
      row: (user) => [
        h("span", { class: "between" }, h("b", { class: "clip" }, user.name), standing(user)),
        h("span", { class: "quiet clip" }, this.under(user)),
      ],
    })
    if (this.accounts.admin) {
      this.shelf.tools.append(say(h("a", { class: "small", href: href("people", NEW) }), "people.new"))
    }
    this.parts = [this.shelf.element, this.sheet.element]
  }

  enter(thing: string | null): void {
    this.inFront = true
    this.thing = thing
    this.form = null
    if (this.fresh?.user !== thing) this.fresh = null
    this.shelf.select(thing)
    this.sheet.hush()
    void this.shelf.freshen()
    this.open()
  }

  unsaved(): boolean {
    return this.form?.unsaved ?? false
  }

  leave(): void {
    this.inFront = false
    this.fresh = null
    this.sheet.nothing("people.choose") // no address is left behind
  }

  /** Nothing is told of people. */
  happened(): void {}

  speak(): void {
    this.shelf.again()
    if (!this.inFront) return
    if (!(this.form instanceof UserForm) && !this.unsaved()) this.open()
  }

  end(): void {
    this.shelf.end()
    this.keys.clear()
    this.fresh = null
  }

  private fetch(signal?: AbortSignal): Promise<[readonly User[], readonly Phone[]]> {
    const { accounts } = this
    return Promise.all([users(accounts, signal), accounts.admin ? phones(accounts, signal) : []])
  }

  private under({ user, name, role, tags }: User): string {
    const n = this.phones.filter(({ courier }) => courier === user).length
    const counted = this.accounts.admin && role === "courier" ? t("people.row.phones", { n: number(n) }) : ""
    return [name === user ? "" : user, counted, tags.join(", ")].filter((part) => part !== "").join(" · ")
  }

  private open(): void {
    const { thing, sheet } = this
    if (thing === null) sheet.nothing("people.choose")
    else if (thing === NEW) {
      const back = say(h("a", { class: "small", href: href("people") }), "desk.cancel")
      this.form = new UserForm(sheet, null, false, back, (user) => this.make(user))
      sheet.put(this.form.element)
    } else {
      void sheet.open(
        async (signal) => {
          const [everybody, phones] = await this.fetch(signal)
          const user = everybody.find((it) => it.user === thing)
          if (!user) return null
          const trips = user.disabled ? await openTrips(this.office.desk, thing, signal) : []
          return { user, phones: phones.filter(({ courier }) => courier === thing), trips }
        },
        (found) => (found ? this.show(found) : sheet.nothing("people.gone")),
      )
    }
  }

  private show(found: Found): void {
    const { sheet, fresh, accounts } = this
    const { user, phones } = found
    const password =
      fresh &&
      shownOnce({ ...PASSWORD, text: fresh.password }, () => {
        this.fresh = null
      })
    const changed = () => void this.shelf.freshen()
    this.form =
      accounts.admin && rides(user)
        ? new Phones(accounts, sheet, user.user, phones, this.keys, changed)
        : null
    sheet.put(...person(found, this.actions(user), password, this.form?.element ?? null, accounts.admin))
  }

  private actions(user: User): HTMLElement[] {
    const { sheet, accounts } = this
    if (!accounts.admin) return []
    const own = user.user === accounts.session.user
    const edit = sheet.act("people.edit", "small", async () => this.edit(user, own))
    const reset = sheet.act("people.reset", "small", async () => {
      const onward = new Onward()
      const password = await newPassword(accounts, user)
      if (password === null || !onward.open) return
      this.fresh = { user: user.user, password }
      this.open()
    })
    const disable = sheet.act("people.disable", "small danger", async () => {
      const onward = new Onward()
      if (!(await disabled(accounts, user))) return
      if (onward.open) this.fresh = null
      this.changed(onward, "people.disabled", user)
    })
    const enable = sheet.act("people.enable", "primary", async () => {
      const onward = new Onward()
      await enabled(accounts, user)
      this.changed(onward, "people.enabled", user)
    })
    if (own) return [edit, reset]
    return user.disabled ? [enable, edit] : [edit, reset, disable]
  }

  private edit(user: User, own: boolean): void {
    const back = button("desk.cancel", "small", () => this.again())
    this.form = new UserForm(this.sheet, user, own, back, async (typed) => {
      const onward = new Onward()
      const change = difference(user, typed)
      if (Object.keys(change).length > 0) await changeUser(this.accounts, user.user, change)
      this.changed(onward, "people.saved", user)
    })
    this.sheet.put(this.form.element)
    this.form.element.querySelector("input")?.focus()
  }

  private changed(onward: Onward, told: Key, { name }: User): void {
    void this.shelf.freshen()
    if (!onward.open) return
    this.again()
    this.sheet.tell(told, { name })
  }

  /** Opens what is open without what stands in its form: that is saved, or not to be. */
  private again(): void {
    this.form = null
    this.open()
  }

  private async make(user: NewUser): Promise<void> {
    const onward = new Onward()
    await addUser(this.accounts, user)
    if (!onward.open) return void this.shelf.freshen()
    this.form = null // what it holds is saved
    this.fresh = { user: user.user, password: user.password }
    onward.go(href("people", user.user))
  }
}
