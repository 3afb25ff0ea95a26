/** The side of a page that lists things: filters, a paged list of links, and what to say where it is empty. */
import { href, type PageName } from "../core/address"
import type { Paged } from "../core/desk"
import type { Key } from "../i18n"
import { attribute, button, h, name, say } from "../ui/dom"
import { emptyPicture } from "../ui/icons"
import { because } from "./because"

export interface Filter {
  readonly key: string
  readonly label: Key
}

export interface ShelfWorld<T> {
  readonly page: PageName
  readonly title: Key
  /** The first is what the page opens with. */
  readonly filters: readonly Filter[]
  readonly empty: { readonly title: Key; readonly next: Key }
  fetch(filter: string, after: string | null, signal: AbortSignal): Promise<Paged<T>>
  id(item: T): string
  /** What a row shows; texts that are not bound are made anew when the language changes. */
  row(item: T): readonly (Node | string)[]
}

export class Shelf<T> {
  readonly element: HTMLElement
  /** For buttons that make a new thing, and the like. */
  readonly tools = h("div", { class: "shelf-tools" })
  private readonly list = h("ul", { class: "shelf-list" })
  private readonly told = h("div", { class: "empty", hidden: true })
  private readonly more: HTMLButtonElement
  private readonly tabs = new Map<string, HTMLButtonElement>()
  private items: T[] = []
  private next: string | null = null
  private filter: string
  private selected: string | null = null
  private asking = new AbortController()

  constructor(private readonly world: ShelfWorld<T>) {
    this.filter = world.filters[0]?.key ?? ""
    for (const { key, label } of world.filters) {
      this.tabs.set(
        key,
        button(label, "tab", () => this.choose(key)),
      )
    }
    this.more = button("desk.more", "small more", () => void this.fetch(this.next))
    const filters = name(h("div", { class: "tabs", role: "group" }, ...this.tabs.values()), "desk.filter")
    filters.hidden = this.tabs.size < 2
    this.element = name(
      h(
        "section",
        { class: "panel shelf" },
        h("header", { class: "shelf-head" }, say(h("h2"), world.title), this.tools),
        filters,
        h("div", { class: "shelf-body", tabindex: 0 }, this.list, this.told, this.more),
      ),
      world.title,
    )
    this.show()
  }

  /** What is listed. */
  get chosen(): string {
    return this.filter
  }

  /** Fetches the list from its beginning; what is shown stays until it has come. */
  async reload(): Promise<void> {
    await this.fetch(null)
  }

  /** Marks the thing that is open. */
  select(id: string | null): void {
    this.selected = id
    for (const link of this.list.querySelectorAll("a")) {
      attribute(link, "aria-current", link.dataset.id === id ? "true" : null)
    }
  }

  find(id: string): T | undefined {
    return this.items.find((item) => this.world.id(item) === id)
  }

  /** After a change of language. */
  again(): void {
    this.show()
  }

  choose(filter: string): void {
    this.filter = filter
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
      const { items, next } = await this.world.fetch(this.filter, after, signal)
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

  private show(): void {
    for (const [key, tab] of this.tabs) attribute(tab, "aria-pressed", String(key === this.filter))
    const kept = (document.activeElement as HTMLElement | null)?.dataset.id
    this.list.replaceChildren(
      ...this.items.map((item) => {
        const id = this.world.id(item)
        const link = h("a", { href: href(this.world.page, id), "data-id": id }, ...this.world.row(item))
        if (id === this.selected) attribute(link, "aria-current", "true")
        return h("li", {}, link)
      }),
    )
    if (kept) this.list.querySelector<HTMLElement>(`[data-id="${CSS.escape(kept)}"]`)?.focus()
    this.more.hidden = this.next === null
  }

  private nothing(): void {
    const { title, next } = this.world.empty
    this.told.replaceChildren(emptyPicture(), say(h("h2"), title), say(h("p"), next))
    this.told.hidden = this.next !== null
  }

  private failed(error: unknown, after: string | null): void {
    const again = button("app.retry", "small", () => void this.fetch(after))
    this.told.replaceChildren(say(h("h2"), "desk.failed"), because(error), again)
    this.told.hidden = false
  }
}
