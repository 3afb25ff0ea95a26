/** The line's points as a list that is read, written and pasted into: what the map shows, for the keyboard. */
import { distance, number, t } from "../i18n"
import { button, h, name, say } from "../ui/dom"
import { icon } from "../ui/icons"
import { cell, complain, complaint, Movers, type Row, Rows, type Way } from "./listrow"
import { measure } from "./picture"
import type { LonLat } from "./routes"
import { moved, readPlace, readPlaces, replaced, writePlace } from "./sketch"

/** So many at a time: a recording has thousands. */
const PAGE = 50

export class PointList {
  readonly element: HTMLElement
  private readonly sum = h("p", { class: "quiet", role: "status" })
  private readonly rows = new Rows("points", (i) => this.row(i))
  private readonly told = complaint()
  private readonly before = button("routes.line.before", "ghost up", () => this.turn(-PAGE), icon("up"))
  private readonly after = button("routes.line.after", "ghost down", () => this.turn(PAGE), icon("up"))
  private readonly range = h("span")
  private readonly pager = h("div", { class: "pager" }, this.before, this.range, this.after)
  private readonly pasted = h("textarea", { rows: 3, spellcheck: false })
  private line: readonly LonLat[] = []
  private first = 0

  /** `looked`: at the point with this index. */
  constructor(
    private readonly change: (line: readonly LonLat[]) => void,
    private readonly looked: (i: number) => void,
  ) {
    name(this.pasted, "routes.line.paste")
    say(this.pasted, "routes.line.paste", undefined, "placeholder")
    const add = button("routes.line.add", "small", () => this.paste())
    this.element = h(
      "section",
      { class: "part" },
      say(h("h3"), "routes.line"),
      this.sum,
      this.pager,
      this.rows.element,
      this.told,
      h("div", { class: "paste" }, this.pasted, add),
    )
  }

  show(line: readonly LonLat[]): void {
    this.line = line
    this.first = Math.min(this.first, Math.max(0, Math.floor((line.length - 1) / PAGE) * PAGE))
    const length = distance(measure(line))
    if (line.length) say(this.sum, "routes.line.some", { n: number(line.length), length })
    else say(this.sum, "routes.line.none")
    complain(this.told, null)
    const to = Math.min(this.first + PAGE, line.length)
    this.rows.show(to - this.first)
    this.pager.hidden = line.length <= PAGE
    say(this.range, "routes.line.page", { from: this.first + 1, to })
    this.before.disabled = this.first === 0
    this.after.disabled = to === line.length
  }

  /** True where a point is not written as one. */
  wrong(): boolean {
    return this.rows.wrong()
  }

  private turn(by: number): void {
    this.first += by
    this.show(this.line)
  }

  /** Of the page. */
  private row(i: number): Row {
    const at = () => this.first + i
    const number = h("span", { class: "quiet figure" })
    const wrong = [this.told, "routes.place.wrong"] as const
    const place = cell("routes.point.place", { spellcheck: "false" }, wrong, (text) => {
      const read = readPlace(text)
      if (read) this.change(replaced(this.line, at(), read))
      return read !== null
    })
    place.input.addEventListener("focus", () => this.looked(at()))
    const movers = new Movers((way: Way) => this.change(moved(this.line, at(), way)))
    return {
      element: h("li", {}, number, place.input, movers.element),
      show: () => {
        const n = at() + 1
        number.textContent = String(n)
        place.show(writePlace(this.line[at()]!), { n })
        movers.show(t("routes.point.n", { n }), n === 1, n === this.line.length)
      },
    }
  }

  private paste(): void {
    const { places, wrong } = readPlaces(this.pasted.value)
    if (wrong.length > 0) {
      complain(this.told, "routes.places.wrong", { lines: wrong.slice(0, 5).join(", ") })
      this.pasted.focus()
      return
    }
    if (places.length === 0) return
    this.pasted.value = ""
    this.first = Math.floor((this.line.length + places.length - 1) / PAGE) * PAGE
    this.change([...this.line, ...places])
  }
}
