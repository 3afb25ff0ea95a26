/** A route as a plain drawing, where there is no WebGL for a map. */
import { latitude, mercatorX, mercatorY, metresPerUnit } from "../core/geometry"
import { t } from "../i18n"
import { h, say, svg } from "../ui/dom"
import { extent, type Picture } from "./picture"
import type { Pins } from "./pins"
import type { LonLat } from "./routes"

/** Of the drawing; the picture keeps so far from its edges. */
const [WIDTH, HEIGHT, EDGE] = [800, 400, 40]
/** Nearer vertices are one. */
const NEAR = 0.5

type Place = (at: LonLat) => readonly [number, number]

export class Paper {
  private readonly svg = svg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    class: "paper",
    role: "img",
  })
  private readonly note = say(h("p", { class: "map-note" }), "routes.map.plain")
  private readonly watching = new ResizeObserver(() => this.placed())
  private place: Place = () => [0, 0]

  constructor(
    private readonly frame: HTMLElement,
    private readonly pins: Pins,
  ) {
    frame.prepend(this.svg, this.note)
    this.watching.observe(frame)
  }

  show(picture: Picture): void {
    const { line, stops, marks } = picture
    const { place, scale } = fitting(picture)
    this.place = place
    this.svg.setAttribute("aria-label", line?.name ?? t("routes.map.empty"))
    const drawn = line
      ? [path(line.coordinates, place, "way-case"), path(line.coordinates, place, "way")]
      : []
    this.svg.replaceChildren(
      ...drawn,
      ...marks.flatMap(({ stretches, blocks, number }) =>
        stretches.map((stretch) => {
          const made = path(stretch, place, blocks ? "stretch blocks" : "stretch")
          made.setAttribute("data-number", String(number))
          return made
        }),
      ),
      ...stops.flatMap(({ lon, lat, name, radius_m }) => {
        const [cx, cy] = place([lon, lat])
        const r = Math.max(4, (radius_m / metresPerUnit(mercatorY(lat))) * scale)
        return [svg("circle", { cx, cy, r, class: "stop" }), svg("text", { x: cx + 8, y: cy - 6 }, name)]
      }),
      ...ends(line?.coordinates ?? [], place),
    )
    this.placed()
  }

  choose(number: number | null): void {
    for (const stretch of this.svg.querySelectorAll("[data-number]")) {
      stretch.classList.toggle("chosen", stretch.getAttribute("data-number") === String(number))
    }
  }

  redraw(): void {
    this.placed()
  }

  remove(): void {
    this.watching.disconnect()
    this.svg.remove()
    this.note.remove()
  }

  /** The pins over the drawing, which keeps its shape in whatever frame. */
  private placed(): void {
    const { clientWidth, clientHeight } = this.frame
    const size = Math.min(clientWidth / WIDTH, clientHeight / HEIGHT)
    const [left, top] = [(clientWidth - WIDTH * size) / 2, (clientHeight - HEIGHT * size) / 2]
    this.pins.place((at) => {
      const [x, y] = this.place(at)
      return [left + x * size, top + y * size]
    })
  }
}

/** Where places lie on the paper, and how many of its units are one of Mercator's. */
function fitting(picture: Picture): { readonly place: Place; readonly scale: number } {
  const all = extent(picture)
  if (!all) return { place: () => [WIDTH / 2, HEIGHT / 2], scale: 1 }
  const [west, north, east, south] = [
    mercatorX(all.west),
    mercatorY(all.north),
    mercatorX(all.east),
    mercatorY(all.south),
  ]
  const least = 100 / metresPerUnit(mercatorY(latitude((north + south) / 2)))
  const wide = Math.max(east - west, least)
  const tall = Math.max(south - north, least)
  const scale = Math.min((WIDTH - 2 * EDGE) / wide, (HEIGHT - 2 * EDGE) / tall)
  const [x, y] = [(west + east) / 2, (north + south) / 2]
  return {
    place: ([lon, lat]) => [
      WIDTH / 2 + (mercatorX(lon) - x) * scale,
      HEIGHT / 2 + (mercatorY(lat) - y) * scale,
    ],
    scale,
  }
}

function path(coordinates: readonly (readonly number[])[], place: Place, look: string): SVGElement {
  let [lastX, lastY] = [Number.NaN, Number.NaN]
  const parts: string[] = []
  coordinates.forEach(([lon, lat], i) => {
    const [x, y] = place([lon!, lat!])
    if (Math.abs(x - lastX) + Math.abs(y - lastY) < NEAR && i < coordinates.length - 1) return
    ;[lastX, lastY] = [x, y]
    parts.push(`${parts.length ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`)
  })
  return svg("path", { d: parts.join(""), class: look })
}

function ends(coordinates: readonly (readonly number[])[], place: Place): SVGElement[] {
  return [coordinates[0], coordinates.at(-1)].flatMap((at, i) => {
    if (!at) return []
    const [cx, cy] = place([at[0]!, at[1]!])
    const what = t(i === 0 ? "map.start" : "map.finish")
    return [svg("circle", { cx, cy, r: 5, class: "end" }), svg("text", { x: cx + 8, y: cy + 14 }, what)]
  })
}
