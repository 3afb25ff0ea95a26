/** The side of a page that lists things: filters, a paged list of links, and what to say where it is empty. */
import { href, type PageName } from "../core/address"
import { Problem, Unreachable } from "../core/api"
import type { Paged } from "../core/desk"
import type { Key } from "../i18n"
import { attribute, button, h, name, say } from "../ui/dom"
import { emptyPicture, icon } from "../ui/icons"
import { because } from "./because"

export interface Filter {
  readonly key: string
  readonly label: Key
  /** What to say where it finds nothing, if not what the shelf says. */
  readonly empty?: Empty
}

interface Empty {
  readonly title: Key
  readonly next: Key
}

export interface ShelfWorld<T> {
  readonly page: PageName
  readonly title: Key
  /** The first is what the page opens with. */
  readonly filters: readonly Filter[]
  readonly empty: Empty
  /** A field to search by; filters rest while something is sought. */
  readonly search?: { readonly label: Key; readonly empty: Empty }
  /** sought: what is searched by, "" for nothing. */
  fetch(filter: string, after: string | null, signal: AbortSignal, sought: string): Promise<Paged<T>>
  id(item: T): string
  /** What a row shows; texts that are not bound are made anew when the language changes. */
  row(item: T): readonly (Node | string)[]
}

/** Where list and sheet take turns, and whichever is in sight is the page's main part. */
const small = matchMedia("(max-width: 819px)")

export class Shelf<T> {
  readonly element: HTMLElement
  /** For buttons that make a new thing, and the like. */
  readonly tools = h("div", { class: "shelf-tools" })
  readonly search = h("input", { type: "search", autocomplete: "off", spellcheck: "false", maxlength: 48 })
  private readonly list = h("ul", { class: "shelf-list" })
  private readonly body = h("div", { class: "shelf-body", tabindex: 0 })
  private readonly told = h("div", { class: "empty", hidden: true })
  private readonly more: HTMLButtonElement
  private readonly tabs = new Map<string, HTMLButtonElement>()
  private items: T[] = []
  private next: string | null = null
  private filter: string
  private sought = ""
  private selected: string | null = null
  private asking = new AbortController()
  private freshening = new AbortController()
  private readonly over = new AbortController()

  constructor(private readonly world: ShelfWorld<T>) {
    this.filter = world.filters[0]?.key ?? ""
    for (const { key, label } of world.filters) {
      this.tabs.set(
        key,
        button(label, "tab", () => this.choose(key)),
      )
    }
    this.more = button("desk.more", "small more", () => void this.extend())
    this.body.append(this.list, this.told, this.more)
    const filters = name(h("div", { class: "tabs", role: "group" }, ...this.tabs.values()), "desk.filter")
    filters.hidden = this.tabs.size < 2
    this.element = name(
      h(
        "section",
        { class: "panel shelf" },
        h("header", { class: "shelf-head" }, say(h("h2"), world.title), this.tools),
        filters,
        world.search ? this.searching(world.search.label) : null,
        this.body,
      ),
      world.title,
    )
    small.addEventListener("change", () => this.fit(), { signal: this.over.signal })
    this.fit()
    this.show()
  }

  /** The session is over: nothing of the list is left. */
  end(): void {
    this.over.abort()
    this.asking.abort()
    this.items = []
    this.element.replaceChildren()
  }

  /** Fetches the list from its beginning; what is shown stays until it has come. */
  async reload(): Promise<void> {
    await this.fetch(null)
  }

  /** Marks the thing that is open. */
  select(id: string | null): void {
    this.selected = id
    for (const link of this.list.querySelectorAll("a")) {
      const open = link.dataset.id === id
      attribute(link, "aria-current", open ? "true" : null)
      if (open) link.scrollIntoView({ block: "nearest" })
    }
  }

  find(id: string): T | undefined {
    return this.items.find((item) => this.world.id(item) === id)
  }

  /** After a change of language. */
  again(): void {
    this.show()
  }

  /** What is listed now. */
  get chosen(): string {
    return this.filter
  }

  get first(): T | undefined {
    return this.items[0]
  }

  /** Brings one thing up to date without asking for the list: in its place, where it belongs by its id (the
   * newest first), or away where it `fits` the filter no longer. */
  amend(item: T, fits: boolean): void {
    const id = this.world.id(item)
    const at = this.items.findIndex((it) => this.world.id(it) === id)
    const older = this.items.findIndex((it) => this.world.id(it) < id)
    if (at >= 0) this.items.splice(at, 1, ...(fits ? [item] : []))
    else if (!fits) return
    else if (older >= 0) this.items.splice(older, 0, item)
    else if (this.next === null) this.items.push(item)
    this.told.hidden = true
    this.show()
    if (this.items.length === 0) this.nothing()
  }

  /** The thing so many steps further down, or up where they are negative; the first for one that is not listed,
   * and null where the list ends. */
  beside(id: string | null, steps: number): string | null {
    const at = this.items.findIndex((item) => this.world.id(item) === id)
    const item = this.items[at < 0 ? 0 : at + steps]
    return item === undefined ? null : this.world.id(item)
  }

  /** Lists more, where there is more. */
  async extend(): Promise<void> {
    if (this.next !== null) await this.fetch(this.next)
  }

  /** Leaves out what does not belong here any longer. */
  drop(ids: ReadonlySet<string>): void {
    const kept = this.items.filter((item) => !ids.has(this.world.id(item)))
    if (kept.length === this.items.length) return
    this.items = kept
    this.show()
    if (kept.length === 0) this.nothing()
  }

  /** Brings the list's beginning up to date; what was paged in behind it stays, and so does the scroll. */
  async freshen(): Promise<void> {
    if (this.items.length === 0) return this.reload()
    this.freshening.abort()
    this.freshening = new AbortController()
    const signal = AbortSignal.any([this.asking.signal, this.freshening.signal])
    try {
      const { items, next } = await this.world.fetch(this.filter, null, signal, this.sought)
      if (signal.aborted) return
      const fresh = new Set(items.map((item) => this.world.id(item)))
      const last = this.items.findLastIndex((item) => fresh.has(this.world.id(item)))
      // Where nothing of it is known, nobody knows what lies in between.
      const behind = next === null || last < 0 ? [] : this.items.slice(last + 1)
      if (behind.length === 0) this.next = next
      this.items = [...items, ...behind]
      this.show()
      this.told.hidden = true
      if (this.items.length === 0) this.nothing()
    } catch (error) {
      if (!(error instanceof Problem || error instanceof Unreachable)) throw error // the list stays as it was
    }
  }

  choose(filter: string): void {
    this.filter = filter
    this.search.value = ""
    this.seek("")
  }

  private searching(label: Key): HTMLElement {
    name(this.search, label)
    say(this.search, label, undefined, "placeholder")
    this.search.addEventListener("change", () => this.seek(this.search.value.trim()))
    return h("div", { class: "shelf-search search" }, icon("search"), this.search)
  }

  private seek(sought: string): void {
    this.sought = sought
    this.items = []
    this.next = null
    this.show()
    void this.fetch(null)
  }

  /** Only the newest question counts. */
  private async fetch(after: string | null): Promise<void> {
    this.asking.abort()
    this.asking = new AbortController()
    const { signal } = this.asking
    attribute(this.element, "aria-busy", "true")
    this.told.hidden = true
    try {
      const { items, next } = await this.world.fetch(this.filter, after, signal, this.sought)
      if (signal.aborted) return
      this.items = after === null ? [...items] : [...this.items, ...items]
      this.next = next
      this.show()
      if (this.items.length === 0) this.nothing()
    } catch (error) {
      if (signal.aborted) return
      this.failed(error, after)
    } finally {
      if (!signal.aborted) attribute(this.element, "aria-busy", null)
    }
  }

  private fit(): void {
    attribute(this.element, "role", small.matches ? "main" : null)
  }

  private show(): void {
    for (const [key, tab] of this.tabs) {
      attribute(tab, "aria-pressed", String(key === this.filter && !this.sought))
    }
    const kept = (document.activeElement as HTMLElement | null)?.dataset.id
    const seen = this.seen(kept)
    this.list.replaceChildren(
      ...this.items.map((item) => {
        const id = this.world.id(item)
        const link = h("a", { href: href(this.world.page, id), "data-id": id }, ...this.world.row(item))
        if (id === this.selected) attribute(link, "aria-current", "true")
        return h("li", {}, link)
      }),
    )
    if (kept) this.link(kept)?.focus({ preventScroll: true })
    this.more.hidden = this.next === null
    const there = seen && this.link(seen.id)
    if (there) this.body.scrollTop += there.getBoundingClientRect().top - seen.top
  }

  private link(id: string): HTMLElement | null {
    return this.list.querySelector(`[data-id="${CSS.escape(id)}"]`)
  }

  /** The row that is to stay where it is on the page: that with the focus, or the first in sight. */
  private seen(focused: string | undefined): { readonly id: string; readonly top: number } | null {
    if (this.body.scrollTop === 0) return null
    const { top } = this.body.getBoundingClientRect()
    const links = [...this.list.querySelectorAll<HTMLElement>("a[data-id]")]
    const place = (link: HTMLElement | undefined) =>
      link ? { id: link.dataset.id!, top: link.getBoundingClientRect().top } : null
    const held = links.find((link) => link.dataset.id === focused)
    return place(held ?? links.find((link) => link.getBoundingClientRect().bottom > top))
  }

  private nothing(): void {
    const { filters, search } = this.world
    const filter = filters.find(({ key }) => key === this.filter)
    const { title, next } = (this.sought ? search?.empty : filter?.empty) ?? this.world.empty
    this.told.replaceChildren(emptyPicture(), say(h("h2"), title), say(h("p"), next))
    this.told.hidden = this.next !== null
  }

  private failed(error: unknown, after: string | null): void {
    const again = button("app.retry", "small", () => void this.fetch(after))
    this.told.replaceChildren(say(h("h2"), "desk.failed"), because(error), again)
    this.told.hidden = false
  }
}
