/** The warnings of a preview in the person's language, and their list. */
import { distance as apart } from "../core/geometry"
import { distance, percent, t, word } from "../i18n"
import { attribute, h } from "../ui/dom"
import type { Preview, Warning, WholeDraft } from "./routes"

/** Longer ones are refused (geo/drawing.py). */
const LONGEST_LEG_M = 50_000

/** What the warning is, in a few words. */
export const title = ({ code }: Warning): string =>
  word(`routes.finding.${code}`) ?? t("routes.finding.other")

/** From the numbers that it brings; null for what they do not say. */
export function sentence(warning: Warning, { geometry, properties }: WholeDraft): string | null {
  const { code, index, along_m: along, amount } = warning
  const { preview } = properties
  const points = index === undefined ? null : { a: index + 1, b: index + 2 }
  if (code === "overlap" && amount !== undefined) {
    return t("routes.finding.overlap.text", { share: percent(amount), n: preview.overlaps.length })
  }
  if (code === "sharp-turn" && amount !== undefined && along !== undefined) {
    const degrees = Math.round(amount)
    return t("routes.finding.sharp-turn.text", { degrees, along: distance(along) })
  }
  if (code === "long-gap" && points && amount !== undefined) {
    return t("routes.finding.long-gap.text", { ...points, distance: distance(amount) })
  }
  if (code === "ends-near-start" && amount !== undefined) {
    return t("routes.finding.ends-near-start.text", { distance: distance(amount) })
  }
  if (code === "no-route") return broken(points, geometry.coordinates)
  if (code === "stop-refused" || code === "hours-unmet") return ofStop(warning, preview)
  return null
}

function broken(
  points: { readonly a: number; readonly b: number } | null,
  line: WholeDraft["geometry"]["coordinates"],
): string | null {
  if (line.length < 2) return t("routes.finding.no-route.few")
  const [from, to] = points ? [line[points.a - 1], line[points.b - 1]] : []
  const leg = from && to ? apart(from, to) : 0
  return leg > LONGEST_LEG_M ? t("routes.finding.no-route.leg", { ...points, distance: distance(leg) }) : null
}

function ofStop({ code, index, amount }: Warning, preview: Preview): string | null {
  const stop = index === undefined ? undefined : preview.stops[index]
  if (index === undefined || !stop) return null
  const named = { n: index + 1, name: stop.name }
  if (code === "hours-unmet") {
    const { opens, closes } = stop
    return opens && closes ? t("routes.finding.hours-unmet.text", { ...named, opens, closes }) : null
  }
  if (amount !== undefined) {
    const radius = distance(stop.radius_m)
    return t("routes.finding.stop-refused.off", { ...named, distance: distance(amount), radius })
  }
  const order = passed(preview)
  return order && t("routes.finding.stop-refused.order", { ...named, order })
}

/** The stops' numbers as the line passes them; null where one has no place on it. */
function passed({ stops }: Preview): string | null {
  if (stops.some(({ along_m }) => along_m === null)) return null
  const order = stops.map((_, i) => i).sort((a, b) => stops[a]!.along_m! - stops[b]!.along_m!)
  return order.map((i) => i + 1).join(", ")
}

export class Findings {
  readonly element: HTMLElement
  private readonly items = new Map<number, HTMLElement>()

  /** `choose`: the warning with this number, from 1, was pointed at. */
  constructor(draft: WholeDraft, choose: (number: number) => void) {
    this.element = h("ol", { class: "findings" })
    draft.properties.preview.warnings.forEach((warning, i) => {
      const said = sentence(warning, draft)
      const text = h("span", { class: "finding-text", lang: said ? null : "en" }, said ?? warning.detail)
      const content = [
        h("span", { class: "pin", "data-blocks": warning.blocks }, String(i + 1)),
        h("b", {}, title(warning)),
        warning.blocks && h("span", { class: "badge", "data-kind": "bad" }, t("routes.blocks")),
        text,
      ]
      const placed = warning.lon !== undefined && warning.lat !== undefined
      const item = placed ? h("button", { type: "button" }, ...content) : h("div", {}, ...content)
      item.classList.add("finding")
      if (placed) item.addEventListener("click", () => choose(i + 1))
      this.items.set(i + 1, item)
      this.element.append(h("li", {}, item))
    })
  }

  /** The one that is chosen on the map. */
  mark(number: number | null): void {
    for (const [n, item] of this.items) {
      if (item instanceof HTMLButtonElement) attribute(item, "aria-pressed", String(n === number))
    }
  }

  show(number: number): void {
    const item = this.items.get(number)
    item?.scrollIntoView({ block: "nearest" })
    item?.focus({ preventScroll: true })
  }
}
