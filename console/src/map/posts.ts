/** The mileposts of the routes: start, finish, the stops, and round distances between them. */
import { type Line, metresPerUnit, type Spot } from "../core/geometry"
import { distance, t } from "../i18n"
import { Boxes } from "./boxes"
import type { Palette } from "./palette"
import type { Projection } from "./projection"

const ROUND_M = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000]
/** CSS pixels along the route between two posts, at least. */
const APART_PX = 130
/** A route shorter than this on the screen has no posts; ends nearer than this share one. */
const SHORTEST_PX = 40
const TOGETHER_PX = 24
const END = { radius: 5, line: 3 }
const STOP = { radius: 4, line: 2.4 }
const BETWEEN = { radius: 2.4, line: 1.6 }
const TALL = 14

export function drawPosts(
  context: CanvasRenderingContext2D,
  lines: Iterable<Line>,
  projection: Projection,
  palette: Palette,
): void {
  new Posts(context, projection, palette).draw([...lines])
}

class Posts {
  private readonly boxes = new Boxes()
  private readonly spot: Spot = { x: 0, y: 0, heading: 0 }

  constructor(
    private readonly context: CanvasRenderingContext2D,
    private readonly projection: Projection,
    private readonly palette: Palette,
  ) {
    context.font = `500 11px ${palette.font}`
    context.textBaseline = "middle"
    context.lineJoin = "round"
  }

  /** Ends and stops first: their names matter more than a distance that would cover them. */
  draw(lines: readonly Line[]): void {
    const long = lines.filter((line) => line.length_m / this.metresPerPixel(line) >= SHORTEST_PX)
    for (const line of long) this.ends(line)
    for (const line of long) for (const stop of line.stops) this.post(line, stop.along_m, stop.name, STOP)
    for (const line of long) this.between(line)
  }

  private ends(line: Line): void {
    const { projection } = this
    const [dx, dy] = [line.x[0]! - line.x.at(-1)!, line.y[0]! - line.y.at(-1)!]
    if (Math.hypot(dx, dy) * projection.scale < TOGETHER_PX) {
      this.post(line, line.length_m, `${t("map.start")} · ${t("map.finish")}`, END)
      return
    }
    this.post(line, 0, t("map.start"), END)
    this.post(line, line.length_m, t("map.finish"), END)
  }

  private between(line: Line): void {
    const metresPerPixel = this.metresPerPixel(line)
    const every = ROUND_M.find((metres) => metres / metresPerPixel >= APART_PX)
    if (every === undefined) return
    for (let along = every; along < line.length_m - every / 3; along += every) {
      this.post(line, along, distance(along, every >= 1_000), BETWEEN)
    }
  }

  private metresPerPixel(line: Line): number {
    return metresPerUnit(line.y[0]!) / this.projection.scale
  }

  private post(line: Line, along: number, text: string, look: typeof END): void {
    const { context, projection, palette, spot } = this
    line.at(along, spot)
    const [x, y] = [projection.x(spot.x), projection.y(spot.y)]
    if (!projection.inside(x, y, 60)) return
    context.fillStyle = palette.surface
    context.strokeStyle = palette.route
    context.lineWidth = look.line
    context.beginPath()
    context.arc(x, y, look.radius, 0, 2 * Math.PI)
    context.fill()
    context.stroke()
    this.name(text, x, y, look.radius)
  }

  /** Beside the line, to the right of the direction of travel. */
  private name(text: string, x: number, y: number, radius: number): void {
    const { context, palette, spot } = this
    const [sideX, sideY] = [-Math.sin(spot.heading), Math.cos(spot.heading)]
    const width = context.measureText(text).width
    const shift = sideX > 0.3 ? 0 : sideX < -0.3 ? -width : -width / 2
    const left = x + sideX * (radius + 7) + shift
    const middle = y + sideY * (radius + 10)
    const [top, bottom] = [middle - TALL / 2, middle + TALL / 2]
    if (!this.boxes.take({ left: left - 2, top, right: left + width + 2, bottom })) return
    context.strokeStyle = palette.canvas
    context.lineWidth = 3
    context.strokeText(text, left, middle)
    context.fillStyle = palette.quiet
    context.fillText(text, left, middle)
  }
}
