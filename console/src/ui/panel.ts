/** The side of the page that one reads: overview, search, sort, the list, and its empty states. */
import type { Board } from "../core/board"
import type { State } from "../core/model"
import { arrange, SORTS, type Sort, type View } from "../core/order"
import { t } from "../i18n"
import { AlertList, type AlertWorld } from "./alerts"
import { attribute, button, h, name, say } from "./dom"
import { emptyPicture, icon } from "./icons"
import { List, type ListWorld } from "./list"
import { Overview } from "./overview"

/** Sorting thousands at each update would cost more than it tells. */
const REORDER_MS = 500

export class Panel {
  readonly element: HTMLElement
  readonly list: List
  private readonly alerts: AlertList
  private view: View = { state: null, search: "", sort: "attention" }
  private readonly overview: Overview
  private readonly search: HTMLInputElement
  private readonly sort: HTMLSelectElement
  private readonly empty = h("div", { class: "empty", hidden: true })
  private readonly skeleton = h(
    "div",
    { class: "skeleton", "aria-hidden": "true" },
    ...Array.from({ length: 6 }, () => h("i")),
  )
  private revision = -1
  private ordered = 0

  constructor(private readonly world: ListWorld & AlertWorld) {
    this.list = new List(world)
    this.alerts = new AlertList(world)
    this.overview = new Overview((state) => this.look({ state: state === this.view.state ? null : state }))
    this.search = say(
      name(h("input", { type: "search", autocomplete: "off", spellcheck: "false" }), "list.search"),
      "list.search",
      undefined,
      "placeholder",
    )
    this.search.addEventListener("input", () => this.look({ search: this.search.value }))
    this.sort = name(h("select"), "list.sort")
    for (const sort of SORTS) this.sort.append(say(h("option", { value: sort }), `list.sort.${sort}`))
    this.sort.addEventListener("change", () => this.look({ sort: this.sort.value as Sort }))
    const grip = button(
      "list.more",
      "ghost grip",
      () => {
        const full = this.element.toggleAttribute("data-full")
        name(grip, full ? "list.less" : "list.more")
        attribute(grip, "aria-expanded", String(full))
      },
      icon("up"),
    )
    attribute(grip, "aria-expanded", "false")
    this.element = name(
      h(
        "section",
        { class: "panel", id: "panel" },
        grip,
        this.overview.element,
        this.alerts.element,
        h("div", { class: "tools" }, h("div", { class: "search" }, icon("search"), this.search), this.sort),
        h("div", { class: "body" }, this.skeleton, this.empty, this.list.element),
      ),
      "list.title",
    )
    this.refresh(0)
  }

  /** Ten times a second at most. now: ms. */
  refresh(now: number): void {
    const { board } = this.world
    if (board.revision !== this.revision && now - this.ordered >= REORDER_MS) {
      this.revision = board.revision
      this.ordered = now
      this.arrange()
    } else this.list.refresh()
    this.alerts.show(board.clock.now())
  }

  /** After a change of language or of a route's name. */
  again(): void {
    this.alerts.again()
    this.arrange()
  }

  private look(change: Partial<View>): void {
    this.view = { ...this.view, ...change }
    this.arrange()
  }

  private arrange(): void {
    const { board, routeName } = this.world
    const order = arrange(board.entries.values(), this.view, routeName)
    this.overview.show(board.counts, this.view.state, board.ready)
    this.skeleton.hidden = board.ready
    this.list.element.hidden = order.length === 0
    this.list.set(order)
    this.empty.hidden = !board.ready || order.length > 0
    if (!this.empty.hidden) this.tell(board)
  }

  private tell(board: Board): void {
    if (board.entries.size === 0) {
      this.empty.replaceChildren(
        emptyPicture(),
        say(h("h2"), "list.empty.title"),
        say(h("p"), "list.empty.next"),
      )
      return
    }
    const { state, search } = this.view
    const filter = [state && t(`state.${state}`), search.trim()].filter(Boolean).join(" · ")
    const all = button("list.none.all", "small", () => this.everybody())
    this.empty.replaceChildren(
      say(h("h2"), "list.none.title"),
      say(h("p"), "list.none.next", { filter }),
      all,
    )
  }

  private everybody(): void {
    this.search.value = ""
    this.look({ state: null as State | null, search: "" })
    this.list.element.focus()
  }
}
