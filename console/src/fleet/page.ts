/** Fleet: the rules of its alerts, and where its events are sent. */
import { href, Onward } from "../core/address"
import type { Happening } from "../core/alerts"
import { ask } from "../desk/ask"
import { shownOnce } from "../desk/once"
import { Sheet } from "../desk/sheet"
import { Shelf } from "../desk/shelf"
import { t } from "../i18n"
import type { Office, Page } from "../page"
import { h, say } from "../ui/dom"
import { HookForm } from "./hook-form"
import { stateBadge, under, view } from "./hook-view"
import { type Hook, hooks, makeHook, putHook, removeHook, type Said } from "./hooks"
import { putRules, rules } from "./rules"
import { RulesForm } from "./rules-form"

const RULES = "rules"
const NEW = "new"
/** Before a webhook's name, so that one may be called `new`. */
const HOOK = "hook~"
const CHANGE = "change~"
const SECRET = { title: "fleet.secret", once: "fleet.secret.once", use: "fleet.secret.use" } as const
/** Each event is sent to webhooks, and may change how they do. */
const LATER_MS = 5_000

export class Fleet implements Page {
  readonly parts: readonly HTMLElement[]
  private readonly sheet = new Sheet(href("fleet"))
  private readonly shelf: Shelf<Hook | null>
  private readonly making = say(h("a", { class: "small", href: href("fleet", NEW) }), "fleet.hook.new")
  private known: readonly Hook[] = []
  private form: RulesForm | HookForm | null = null
  private thing = RULES
  /** The webhook as the sheet shows it. */
  private shown = ""
  private inFront = false
  /** A secret that was made just now. */
  private fresh: { readonly name: string; readonly secret: string } | null = null
  private later: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly office: Office) {
    const { desk } = office
    this.shelf = new Shelf<Hook | null>({
      page: "fleet",
      title: "fleet.title",
      filters: [],
      empty: { title: "fleet.title", next: "fleet.title" }, // the rules are always there
      fetch: async (_, __, signal) => {
        this.known = await hooks(desk, signal)
        return { items: [null, ...this.known], next: null }
      },
      id: (hook) => (hook ? HOOK + hook.webhook : RULES),
      row: (hook) =>
        hook
          ? [
              h("span", { class: "between" }, h("b", { class: "clip" }, hook.webhook), stateBadge(hook)),
              h("span", { class: "quiet clip" }, hook.url),
              h("span", { class: "quiet" }, under(hook)),
            ]
          : [h("b", {}, t("fleet.rules")), h("span", { class: "quiet" }, t("fleet.rules.row"))],
    })
    if (desk.admin) this.shelf.tools.append(this.making)
    this.parts = [this.shelf.element, this.sheet.element]
  }

  enter(thing: string | null): void {
    // Where the list takes turns with the sheet, the rules lie behind it already.
    const there = this.inFront && (thing ?? RULES) === RULES && this.form instanceof RulesForm
    this.inFront = true
    this.thing = thing ?? RULES
    if (this.fresh && this.thing !== HOOK + this.fresh.name) this.fresh = null
    this.shelf.select(this.thing.replace(CHANGE, HOOK))
    this.sheet.hush()
    void this.shelf.freshen()
    if (there) return
    this.form = null
    void this.open()
  }

  unsaved(): boolean {
    return this.form?.unsaved ?? false
  }

  leave(): void {
    this.inFront = false
    this.fresh = null
    clearTimeout(this.later)
    this.later = undefined
  }

  happened(events: readonly Happening[]): void {
    if (!this.inFront || this.known.length === 0 || events.length === 0 || this.later) return
    this.later = setTimeout(() => {
      this.later = undefined
      void this.freshen()
    }, LATER_MS)
  }

  speak(): void {
    this.shelf.again()
    if (!this.inFront) return
    if (this.form instanceof RulesForm) this.form.again()
    else if (this.form === null) void this.open()
  }

  end(): void {
    this.shelf.end()
    clearTimeout(this.later)
    this.fresh = null
  }

  /** How webhooks do by now; the one that is open is shown again only where it does otherwise. */
  private async freshen(): Promise<void> {
    await this.shelf.freshen()
    const hook = this.known.find((it) => this.thing === HOOK + it.webhook)
    if (hook && JSON.stringify(hook) !== this.shown) this.showHook(hook)
  }

  private open(): Promise<void> {
    const { thing, sheet } = this
    const { desk } = this.office
    if (thing === RULES) {
      const put = desk.admin ? putRules.bind(null, desk) : null
      return sheet.open(
        (signal) => rules(desk, signal),
        (found) => this.showForm(new RulesForm(sheet, found, put)),
      )
    }
    if (thing === NEW) {
      const put = (name: string, said: Said) => this.make(name, said)
      this.showForm(new HookForm(sheet, null, href("fleet"), put))
      return Promise.resolve()
    }
    return sheet.open(
      async (signal) => (await hooks(desk, signal)).find((it) => this.isOpen(it.webhook)) ?? null,
      (found) => this.show(found),
    )
  }

  private isOpen(name: string): boolean {
    return this.thing === HOOK + name || this.thing === CHANGE + name
  }

  private show(hook: Hook | null): void {
    if (hook === null) {
      this.form = null
      this.sheet.nothing("fleet.hook.gone")
    } else if (this.thing.startsWith(CHANGE)) {
      const back = href("fleet", HOOK + hook.webhook)
      const put = async (name: string, said: Said) => {
        const onward = new Onward()
        await putHook(this.office.desk, name, said)
        this.go(onward, name)
      }
      this.showForm(new HookForm(this.sheet, hook, back, put))
    } else this.showHook(hook)
  }

  private showForm(form: RulesForm | HookForm): void {
    this.form = form
    this.sheet.put(form.element)
  }

  private showHook(hook: Hook): void {
    const { sheet, fresh } = this
    this.form = null
    this.shown = JSON.stringify(hook)
    const secret =
      fresh?.name === hook.webhook &&
      shownOnce({ ...SECRET, text: fresh.secret }, () => {
        this.fresh = null
      })
    const scroll = sheet.element.scrollTop
    const unfolded = sheet.element.querySelector("details")?.open ?? false
    sheet.put(secret, ...view(hook, this.office.desk.admin ? this.actions(hook) : []))
    const details = sheet.element.querySelector("details")
    if (details) details.open = unfolded
    sheet.element.scrollTop = scroll
  }

  private actions(hook: Hook): readonly Node[] {
    const { sheet } = this
    const said = { url: hook.url, events: hook.events }
    const change = say(
      h("a", { class: "small", href: href("fleet", CHANGE + hook.webhook) }),
      "fleet.hook.change.do",
    )
    const failing = hook.state === "failing"
    const label = failing ? "fleet.hook.retry" : "fleet.hook.again"
    const again = sheet.act(label, failing ? "small" : "primary", async () => {
      const onward = new Onward()
      await putHook(this.office.desk, hook.webhook, said)
      if (!(await this.again(onward))) return
      sheet.tell("fleet.hook.again.done")
    })
    const renew = sheet.act("fleet.secret.new", "small", () => this.renew(hook))
    const remove = sheet.act("fleet.hook.remove", "small danger", () => this.remove(hook))
    return [...(hook.state === "on" ? [] : [again]), change, renew, remove]
  }

  private async make(name: string, said: Said): Promise<void> {
    const onward = new Onward()
    const made = await makeHook(this.office.desk, name, said)
    if (onward.open && made.secret) this.fresh = { name, secret: made.secret }
    this.go(onward, name)
  }

  private async renew(hook: Hook): Promise<void> {
    const onward = new Onward()
    const { webhook: name, url, events } = hook
    const sure = { title: "fleet.secret.new", text: "fleet.secret.new.sure", values: { name } } as const
    if ((await ask({ ...sure, yes: "fleet.secret.new" })) === null) return
    const { secret } = await putHook(this.office.desk, name, { url, events, new_secret: true })
    this.fresh = secret ? { name, secret } : null
    await this.again(onward)
  }

  private async remove({ webhook: name }: Hook): Promise<void> {
    const onward = new Onward()
    const sure = { title: "fleet.hook.remove", text: "fleet.hook.remove.sure", values: { name } } as const
    if ((await ask({ ...sure, yes: "fleet.hook.remove" })) === null) return
    await removeHook(this.office.desk, name)
    if (onward.open) onward.go(href("fleet"))
    else void this.shelf.freshen()
  }

  /** Shows it as it is now; false where the person has gone elsewhere. */
  private async again(onward: Onward): Promise<boolean> {
    await Promise.all([this.shelf.freshen(), onward.open && this.open()])
    return onward.open
  }

  private go(onward: Onward, name: string): void {
    if (!onward.open) return void this.shelf.freshen()
    this.form = null // what it holds is saved
    onward.go(href("fleet", HOOK + name))
  }
}
