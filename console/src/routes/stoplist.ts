/** The stops as a list of small forms, in the order of the visits. */
import type { Fault } from "../core/api"
import { reasonOf } from "../desk/fault"
import { t } from "../i18n"
import { button, h, say } from "../ui/dom"
import { type Cell, cell, complain, complaint, Movers, type Row, Rows, type Way } from "./listrow"
import type { LonLat, Stop } from "./routes"
import { moved, RADII_M, readPlace, readTime, replaced, writePlace } from "./sketch"

export class StopList {
  readonly element: HTMLElement
  private readonly rows = new Rows("stops", (i) => this.row(i))
  private readonly told = complaint()
  private stops: readonly Stop[] = []

  /** `looked`: at the stop with this index. `add`: one more, where nobody has said where. */
  constructor(
    private readonly change: (stops: readonly Stop[]) => void,
    private readonly looked: (i: number) => void,
    add: () => void,
  ) {
    this.element = h(
      "section",
      { class: "part" },
      say(h("h3"), "routes.stops"),
      say(h("p", { class: "quiet hint" }), "routes.stop.order"),
      this.rows.element,
      this.told,
      button("routes.stop.add", "small", add),
    )
  }

  show(stops: readonly Stop[]): void {
    this.stops = stops
    complain(this.told, null)
    this.rows.show(stops.length)
  }

  /** On the name of a stop. */
  focus(i: number): void {
    this.rows.focus(i)
  }

  /** True where something of a stop is not written as it must be. */
  wrong(): boolean {
    return this.rows.wrong()
  }

  /** What the server says of a stop, at that stop; false where it is about none. */
  fault(fault: Fault): boolean {
    const [, i, part] = /^stops\[(\d+)\](?:\.(\w+))?/.exec(fault.field) ?? []
    const row = i === undefined ? undefined : this.rows.at(Number(i))
    if (!row) return false
    const input = row.querySelector<HTMLInputElement>(`[data-part="${part}"]`) ?? row.querySelector("input")!
    const said = row.querySelector(".wrong")!
    said.replaceChildren(reasonOf(fault, true))
    input.setAttribute("aria-invalid", "true")
    input.dataset.refused = ""
    input.setAttribute("aria-describedby", said.id)
    input.focus()
    return true
  }

  private row(i: number): Row {
    const set = (said: Partial<Stop>) => this.change(replaced(this.stops, i, { ...this.stops[i]!, ...said }))
    const name = nameCell(this.told, set)
    const place = placeCell(this.told, set)
    const radius = radiusCell(this.told, set)
    const opens = timeCell("opens", this.told, set)
    const closes = timeCell("closes", this.told, set)
    const movers = new Movers((way: Way) => this.change(moved(this.stops, i, way)))
    const number = h("span", { class: "pin" }, String(i + 1))
    const refused = h("p", { class: "wrong", id: `stop-wrong-${i}` })
    const metres = h("label", { class: "unit" }, radius.input, "m")
    const hours = h("span", { class: "unit" }, opens.input, "–", closes.input)
    const more = h("div", { class: "stop-more" }, place.input, metres, hours)
    const element = h("li", {}, number, name.input, movers.element, more, refused)
    element.addEventListener("focusin", () => this.looked(i))
    return {
      element,
      show: () => {
        const stop = this.stops[i]!
        const n = { n: i + 1 }
        refused.textContent = ""
        name.show(stop.name, n)
        place.show(writePlace(at(stop)), n)
        radius.show(String(stop.radius_m), n)
        opens.show(stop.opens ?? "", n)
        closes.show(stop.closes ?? "", n)
        movers.show(t("routes.stop.n", n), i === 0, i === this.stops.length - 1)
      },
    }
  }
}

const at = ({ lon, lat }: Stop): LonLat => [lon, lat]

type Set = (said: Partial<Stop>) => void

function nameCell(told: HTMLElement, set: Set): Cell {
  const look = { maxlength: 100, "data-part": "name" }
  return cell("routes.stop.name", look, [told, "routes.stop.name.wrong"], (text) => {
    if (text.trim()) set({ name: text.trim() })
    return text.trim() !== ""
  })
}

function placeCell(told: HTMLElement, set: Set): Cell {
  const look = { spellcheck: "false", "data-part": "lon" }
  return cell("routes.stop.place", look, [told, "routes.place.wrong"], (text) => {
    const read = readPlace(text)
    if (read) set({ lon: read[0], lat: read[1] })
    return read !== null
  })
}

function radiusCell(told: HTMLElement, set: Set): Cell {
  const look = { type: "number", ...RADII_M, step: "any", "data-part": "radius_m" }
  return cell("routes.stop.radius", look, [told, "routes.stop.radius.wrong"], (text) => {
    const metres = Number(text)
    const fits = metres >= RADII_M.min && metres <= RADII_M.max
    if (fits) set({ radius_m: metres })
    return fits
  })
}

function timeCell(part: "opens" | "closes", told: HTMLElement, set: Set): Cell {
  const look = { placeholder: "--:--", maxlength: 5, class: "time", "data-part": part }
  return cell(`routes.stop.${part}`, look, [told, "routes.stop.time.wrong"], (text) => {
    const read = text.trim() ? readTime(text) : null
    if (text.trim() && !read) return false
    set({ [part]: read })
    return true
  })
}
