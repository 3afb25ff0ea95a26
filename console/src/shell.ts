/** Header and pages for who is signed in; the address says which page is in front. */
import { type PageName, parse } from "./core/address"
import type { Happening } from "./core/alerts"
import type { Problem } from "./core/api"
import type { Config } from "./core/config"
import { Desk } from "./core/desk"
import type { Session } from "./core/session"
import { anyTyped, forgetTyped } from "./core/typed"
import { ask, type Question } from "./desk/ask"
import { type Key, t } from "./i18n"
import { Missing } from "./missing"
import type { Office, Page } from "./page"
import { attribute, h } from "./ui/dom"
import { header } from "./ui/header"
import { LANGUAGE_EVENT } from "./ui/language"
import { Nav } from "./ui/nav"
import { Watch } from "./watch"

/** On the parts of pages behind the one in front; they may be hidden for reasons of their own as well. */
const OFF = "data-off"
const LONGEST_TIMER_MS = 2 ** 31 - 1
/** Each is fetched when it is first opened. */
const MADE: Readonly<Record<Exclude<PageName, "live">, (office: Office) => Promise<Page>>> = {
  trips: async (office) => new (await import("./trips/page")).TripsPage(office),
  payouts: async (office) => new (await import("./payouts/page")).Payouts(office),
  tasks: async (office) => new (await import("./tasks/page")).Tasks(office),
  routes: async (office) => new (await import("./routes/page")).RoutesPage(office),
  people: async (office) => new (await import("./people/page")).People(office),
  fleet: async (office) => new (await import("./fleet/page")).Fleet(office),
}

export class Shell {
  readonly element: HTMLElement
  private readonly over = new AbortController()
  private readonly office: Office
  private readonly pages = new Map<PageName, Promise<Page>>()
  private readonly nav = new Nav()
  private front: Page | null = null
  /** Of what is in front. */
  private address = ""
  /** How many couriers are off their route: every page's title says it. */
  private strayed = 0

  /** `leave` is called once, with the reason, when the session is over. */
  constructor(
    config: Config,
    session: Session,
    private readonly leave: (notice: Key) => void,
  ) {
    const refused = (error: Problem) => this.refused(error)
    this.office = { config, desk: new Desk(config.apis.tasks, session, refused, this.over.signal) }
    const watch = new Watch(
      config,
      session,
      (notice) => this.end(notice),
      (events) => this.happened(events),
      (couriers) => {
        this.strayed = couriers
        this.title()
      },
    )
    this.pages.set("live", Promise.resolve(watch))
    const top = header(session, watch.status.pill, this.nav.element, {
      skip: () => this.front?.parts[0]?.querySelector<HTMLElement>("[tabindex]")?.focus(),
      signOut: () => void this.signOut(),
    })
    this.element = h("div", { class: "shell" }, top)
    this.add(watch)
    const { signal } = this.over
    addEventListener("hashchange", () => void this.turn(), { signal })
    addEventListener("beforeunload", (event) => this.front?.unsaved?.() && event.preventDefault(), { signal })
    document.addEventListener(LANGUAGE_EVENT, () => this.speak(), { signal })
    const lasts = Math.max(0, session.expires_at * 1000 - Date.now())
    const expiry = setTimeout(() => this.end("signin.expired"), Math.min(lasts, LONGEST_TIMER_MS))
    signal.addEventListener("abort", () => clearTimeout(expiry))
    void this.go()
  }

  /** To where the address has gone, unless something unsaved is to be kept. */
  private async turn(): Promise<void> {
    const wanted = location.hash
    if (wanted === this.address) return
    if (this.front?.unsaved?.()) {
      history.replaceState(null, "", this.address || "#")
      if (!(await leaving(UNSAVED))) return
      history.pushState(null, "", wanted)
    }
    await this.go()
  }

  /** What is typed is not kept for who signs in next, nor is the address. */
  private async signOut(): Promise<void> {
    if ((this.front?.unsaved?.() || anyTyped()) && !(await leaving(OUT))) return
    forgetTyped()
    this.end("signin.out")
    history.replaceState(null, "", location.pathname + location.search)
  }

  /** Brings the page of the address to the front. */
  private async go(): Promise<void> {
    this.address = location.hash
    const { page: name, thing } = parse(this.address)
    this.nav.show(name)
    this.element.dataset.page = name
    attribute(this.element, "data-thing", thing)
    const page = await this.page(name)
    if (this.over.signal.aborted || parse(location.hash).page !== name) return
    if (page !== this.front) {
      this.front?.leave()
      for (const part of this.front?.parts ?? []) attribute(part, OFF, "")
      for (const part of page.parts) attribute(part, OFF, null)
      this.front = page
    }
    page.enter(thing)
    this.title()
  }

  private title(): void {
    const { page } = parse(this.address)
    const name = page === "live" ? "Milepost" : `${t(`page.${page}`)} · Milepost`
    document.title = this.strayed > 0 ? `(${this.strayed}) ${name}` : name
  }

  private page(name: PageName): Promise<Page> {
    const known = this.pages.get(name)
    if (known || name === "live") return known!
    const made = MADE[name](this.office)
      .catch((error: unknown) => {
        reportError(error)
        return new Missing()
      })
      .then((page) => this.add(page))
    this.pages.set(name, made)
    return made
  }

  private add<P extends Page>(page: P): P {
    for (const part of page.parts) attribute(part, OFF, "")
    this.element.append(...page.parts)
    return page
  }

  private happened(events: readonly Happening[]): void {
    for (const page of this.pages.values()) void page.then((made) => made.happened(events))
  }

  private speak(): void {
    this.title()
    for (const page of this.pages.values()) void page.then((made) => made.speak())
  }

  private refused(error: Problem): void {
    this.end(error.status === 403 ? "signin.refused" : "signin.expired")
  }

  private end(notice: Key): void {
    if (this.over.signal.aborted) return
    this.over.abort()
    for (const page of this.pages.values()) void page.then((made) => made.end())
    this.pages.clear()
    this.front = null
    document.title = "Milepost"
    this.leave(notice)
  }
}

const UNSAVED = { title: "desk.unsaved", text: "desk.unsaved.text", yes: "desk.leave" } as const
const OUT = { title: "desk.typed", text: "desk.typed.text", yes: "user.signout" } as const

/** True if what is unsaved may be lost. */
const leaving = async (question: Question): Promise<boolean> => (await ask(question)) !== null
