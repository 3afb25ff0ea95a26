/** The couriers as a list box. Only the rows in sight are in the page, so that thousands cost nothing. */
import type { Board, Entry } from "../core/board"
import { attribute, h, name } from "./dom"
import { type Place, Row } from "./row"

const HEIGHT = 76
const SPARE = 4
let serial = 0

export interface ListWorld {
  readonly board: Board
  routeName(route: string): string
  place(entry: Entry): Place | null
  choose(courier: string): void
}

export class List {
  readonly element: HTMLElement
  private readonly tall = h("div", { class: "tall", role: "presentation" })
  private readonly rows = new Map<string, Row>()
  private readonly ids = new Map<string, string>()
  private order: Entry[] = []
  private selected: string | null = null
  private active: string | null = null

  constructor(private readonly world: ListWorld) {
    this.element = name(
      h("div", { class: "list", role: "listbox", tabindex: 0, id: "couriers" }, this.tall),
      "list.title",
    )
    this.element.addEventListener("scroll", () => this.refresh(), { passive: true })
    this.element.addEventListener("keydown", (event) => this.key(event))
    this.element.addEventListener("click", (event) => {
      const row = (event.target as Element).closest<HTMLElement>("[data-courier]")
      if (row) this.pick(row.dataset.courier!)
    })
    new ResizeObserver(() => this.refresh()).observe(this.element)
  }

  set(order: Entry[]): void {
    this.order = order
    this.tall.style.height = `${order.length * HEIGHT}px`
    this.refresh()
  }

  select(courier: string | null): void {
    this.selected = courier
    if (courier) this.active = courier
    this.refresh()
  }

  /** Scrolls the courier's row into sight. */
  reveal(courier: string): void {
    const index = this.order.findIndex((entry) => entry.courier.courier === courier)
    if (index < 0) return
    const { scrollTop, clientHeight } = this.element
    if (index * HEIGHT < scrollTop) this.element.scrollTop = index * HEIGHT
    else if ((index + 1) * HEIGHT > scrollTop + clientHeight) {
      this.element.scrollTop = (index + 1) * HEIGHT - clientHeight
    }
  }

  /** Brings the rows in sight up to date. */
  refresh(): void {
    const { scrollTop, clientHeight } = this.element
    const first = Math.max(0, Math.floor(scrollTop / HEIGHT) - SPARE)
    const beyond = Math.min(this.order.length, Math.ceil((scrollTop + clientHeight) / HEIGHT) + SPARE)
    const now = this.world.board.clock.now()
    const unseen = new Set(this.rows.keys())
    for (let index = first; index < beyond; index++) {
      const entry = this.order[index]!
      const who = entry.courier.courier
      unseen.delete(who)
      const row = this.row(who)
      row.at(index, this.order.length, HEIGHT)
      row.show(entry, now, this.world.routeName, who === this.selected, this.world.place(entry))
      row.element.classList.toggle("active", who === this.active)
    }
    for (const who of unseen) {
      this.rows.get(who)!.element.remove()
      this.rows.delete(who)
    }
    const marked = this.active !== null && this.rows.has(this.active) ? this.ids.get(this.active)! : null
    attribute(this.element, "aria-activedescendant", marked)
  }

  private row(who: string): Row {
    let row = this.rows.get(who)
    if (!row) {
      const id = this.ids.get(who) ?? `row-${++serial}`
      this.ids.set(who, id)
      row = new Row(id)
      this.rows.set(who, row)
      this.tall.append(row.element)
    }
    return row
  }

  private pick(courier: string): void {
    this.active = courier
    this.world.choose(courier)
  }

  private key(event: KeyboardEvent): void {
    const at = this.order.findIndex((entry) => entry.courier.courier === this.active)
    const page = Math.max(1, Math.floor(this.element.clientHeight / HEIGHT) - 1)
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at < 0 ? 0 : at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: this.order.length - 1,
    }
    const to = steps[event.key]
    if (to !== undefined && this.order.length > 0) {
      this.active = this.order[Math.min(this.order.length - 1, Math.max(0, to))]!.courier.courier
      this.reveal(this.active)
      this.refresh()
    } else if ((event.key === "Enter" || event.key === " ") && this.active !== null) this.pick(this.active)
    else return
    event.preventDefault()
  }
}
