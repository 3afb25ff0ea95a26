/** People: who belongs to the fleet, and how the couriers' phones are connected. */
import { href, Onward } from "../core/address"
import type { Desk } from "../core/desk"
import { shownOnce } from "../desk/once"
import { badge, facts, head, section } from "../desk/parts"
import { Sheet } from "../desk/sheet"
import { Shelf } from "../desk/shelf"
import { type Key, number, t, word } from "../i18n"
import type { Office, Page } from "../page"
import { h, say } from "../ui/dom"
import { addUser, fits, type NewUser, type Phone, phones, type User, users } from "./people"
import { Phones } from "./phones"
import { UserForm } from "./user-form"

/** No user is called so. */
const NEW = "~new"
const PAGE = 100
const EVERYBODY = "all"
/** There are few gateways; they are among all. */
const FILTERS = ["courier", "manager", "admin"] as const
const PASSWORD = {
  title: "people.password",
  once: "people.password.once",
  use: "people.password.use",
} as const

interface Found {
  readonly user: User
  readonly phones: readonly Phone[]
}

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

  constructor(office: Office) {
    this.accounts = office.desk.at(office.config.apis.accounts)
    this.shelf = new Shelf<User>({
      page: "people",
      title: "people.title",
      filters: [
        { key: EVERYBODY, label: "people.filter.all" },
        ...FILTERS.map((role) => ({ key: role, label: `people.filter.${role}` }) as const),
      ],
      empty: { title: "people.none", next: "people.none.next" },
      search: { label: "people.search", empty: { title: "people.none", next: "people.search.none" } },
      fetch: async (role, after, signal, sought) => {
        if (after === null) [this.everybody, this.phones] = await this.fetch(signal)
        const fitting = this.everybody.filter((user) =>
          sought ? fits(user, sought) : role === EVERYBODY || user.role === role,
        )
        const from = Number(after ?? 0)
        const next = from + PAGE < fitting.length ? String(from + PAGE) : null
        return { items: fitting.slice(from, from + PAGE), next }
      },
      id: ({ user }) => user,
      row: (user) => [
        h("span", { class: "between" }, h("b", { class: "clip" }, user.name), roleBadge(user)),
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
      this.form = new UserForm(sheet, href("people"), (user) => this.make(user))
      sheet.put(this.form.element)
    } else {
      void sheet.open(
        async (signal) => {
          const [everybody, phones] = await this.fetch(signal)
          const user = everybody.find((it) => it.user === thing)
          return user ? { user, phones: phones.filter(({ courier }) => courier === thing) } : null
        },
        (found) => (found ? this.show(found) : sheet.nothing("people.gone")),
      )
    }
  }

  private show({ user, phones }: Found): void {
    const { sheet, fresh, accounts } = this
    const password =
      fresh &&
      shownOnce({ ...PASSWORD, text: fresh.password }, () => {
        this.fresh = null
      })
    const courier = user.role === "courier"
    const changed = () => void this.shelf.freshen()
    this.form =
      accounts.admin && courier ? new Phones(accounts, sheet, user.user, phones, this.keys, changed) : null
    sheet.put(
      head(user.name, [roleBadge(user)], []),
      password,
      facts([
        ["people.user", user.user],
        [
          "people.tags",
          user.tags.length > 0
            ? h("span", { class: "tags" }, ...user.tags.map(tag))
            : say(h("span"), "people.tags.none"),
        ],
      ]),
      this.form?.element ?? null,
      courier &&
        !accounts.admin &&
        section("people.phones", say(h("p", { class: "quiet" }), "people.phones.admin")),
    )
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

function roleBadge({ role }: User): HTMLElement {
  const key = `role.${role}`
  const made = badge(role === "courier" ? "" : "good", role)
  return word(key) === null ? made : say(made, key as Key)
}

const tag = (text: string): HTMLElement => h("span", { class: "badge" }, text)
