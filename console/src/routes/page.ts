/** Routes: the versions and drafts there are, and how a draft is made, looked at and published. */
import { href, Onward } from "../core/address"
import { Sheet } from "../desk/sheet"
import { Shelf } from "../desk/shelf"
import type { Office, Page } from "../page"
import { h, say } from "../ui/dom"
import { DraftView } from "./draft"
import { EditorView } from "./editor"
import { ImportView } from "./import"
import { Plan } from "./plan"
import { PublishedView } from "./published"
import { drafts, shelved, versions } from "./routes"
import { type Item, row } from "./rows"
import { form, parseThing, type Thing } from "./thing"
import type { Place, View } from "./view"

const NEW = [
  ["routes.draw", form("draw")],
  ["routes.import", form("import")],
] as const

export class RoutesPage implements Page {
  readonly parts: readonly HTMLElement[]
  private readonly sheet = new Sheet(href("routes"))
  private readonly plan: Plan
  private readonly shelf: Shelf<Item>
  private view: View | null = null
  private inFront = false
  /** What is said where the page goes next. */
  private told: (() => void) | null = null

  constructor(private readonly office: Office) {
    const { desk, config } = office
    this.plan = new Plan(config.map)
    this.shelf = new Shelf<Item>({
      page: "routes",
      title: "routes.title",
      filters: [
        { key: "published", label: "routes.published" },
        { key: "draft", label: "routes.drafts" },
        { key: "retired", label: "routes.retired" },
      ],
      empty: { title: "routes.none.title", next: "routes.none.next" },
      fetch: async (filter, _, signal) => ({ items: await this.fetch(filter, signal), next: null }),
      id: ({ route }) => route,
      row,
    })
    if (desk.admin) {
      for (const [key, thing] of NEW) {
        this.shelf.tools.append(say(h("a", { class: "small", href: href("routes", thing) }), key))
      }
    }
    this.parts = [this.shelf.element, this.sheet.element]
  }

  enter(said: string | null): void {
    this.inFront = true
    const thing = parseThing(said)
    this.shelf.select("id" in thing ? thing.id : said)
    this.sheet.hush()
    this.view?.end?.()
    this.view = this.open(thing)
    this.told?.()
    this.told = null
  }

  leave(): void {
    this.inFront = false
    this.view?.end?.()
    this.view = null
    this.sheet.forget() // else it draws a map that nobody gives back
    this.plan.close()
  }

  unsaved(): boolean {
    return this.view?.unsaved?.() ?? false
  }

  /** The stream tells nothing of routes. */
  happened(): void {}

  speak(): void {
    this.shelf.again()
    if (!this.inFront) return
    this.view?.speak()
    this.plan.redraw()
  }

  end(): void {
    this.leave()
    this.shelf.end()
  }

  private async fetch(filter: string, signal: AbortSignal): Promise<readonly Item[]> {
    const { desk } = this.office
    if (filter === "draft") return drafts(desk, signal)
    return shelved(await versions(desk, filter === "retired" ? "retired" : "published", signal))
  }

  private open(thing: Thing): View | null {
    const place = this.place()
    this.list("id" in thing && thing.id ? "draft" : null)
    if (thing.kind === "version") {
      return new PublishedView(place, thing.route, (state) => {
        if (this.shelf.chosen !== state) this.shelf.choose(state)
      })
    }
    if (thing.kind === "draft") return new DraftView(place, thing.id)
    if (thing.kind === "import") return new ImportView(place, thing.id)
    if (thing.kind === "draw") return new EditorView(place, thing.id)
    this.sheet.nothing("desk.nothing")
    return null
  }

  /** The list in which it is, as it is now. */
  private list(filter: string | null): void {
    if (filter === null || filter === this.shelf.chosen) void this.shelf.reload()
    else this.shelf.choose(filter)
  }

  /** For what is shown at this address. */
  private place(): Place {
    const { sheet, plan } = this
    const onward = new Onward()
    const changed = () => void this.shelf.reload()
    return {
      desk: this.office.desk,
      sheet,
      plan,
      here: () => onward.open,
      changed,
      go: (thing, told, values) => {
        if (!onward.open) return changed()
        if (told) this.told = () => sheet.tell(told, values)
        onward.go(href("routes", thing))
      },
    }
  }
}
