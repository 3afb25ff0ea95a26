/** The pages, as links. */
import { href, PAGES, type PageName } from "../core/address"
import { attribute, h, name, say } from "./dom"

export class Nav {
  readonly element: HTMLElement
  private readonly links = new Map<PageName, HTMLAnchorElement>()

  constructor() {
    for (const page of PAGES) this.links.set(page, say(h("a", { href: href(page) }), `page.${page}`))
    this.element = name(h("nav", { class: "pages" }, ...this.links.values()), "page.all")
  }

  show(page: PageName): void {
    for (const [name, link] of this.links) attribute(link, "aria-current", name === page ? "page" : null)
    this.links.get(page)?.scrollIntoView({ block: "nearest", inline: "nearest" }) // they may be more than fit
  }
}
