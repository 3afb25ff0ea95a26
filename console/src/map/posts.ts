/** The mileposts of the routes: start, finish, and round distances between them. */
import type { Line, Spot } from "../core/geometry"
import { metresPerUnit } from "../core/geometry"
import { distance, t } from "../i18n"
import type { Palette } from "./palette"
import type { Projection } from "./projection"

const ROUND_M = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000]
const APART_PX = 130
const spot: Spot = { x: 0, y: 0, heading: 0 }

export function drawPosts(
  context: CanvasRenderingContext2D,
  lines: Iterable<Line>,
  projection: Projection,
  palette: Palette,
): void {
  context.font = `500 11px ${palette.font}`
  context.textBaseline = "middle"
  context.lineJoin = "round"
  for (const line of lines) drawLine(context, line, projection, palette)
}

function drawLine(context: CanvasRenderingContext2D, line: Line, projection: Projection, palette: Palette) {
  const metresPerPixel = metresPerUnit(line.y[0]!) / projection.scale
  const every = ROUND_M.find((metres) => metres / metresPerPixel >= APART_PX)
  if (line.length_m / metresPerPixel < 40) return
  for (let along = every ?? line.length_m; every && along < line.length_m - every / 3; along += every) {
    post(context, line, along, distance(along, every >= 1_000), 2.4, projection, palette)
  }
  const loop = Math.hypot(
    projection.x(line.x[0]!) - projection.x(line.x.at(-1)!),
    projection.y(line.y[0]!) - projection.y(line.y.at(-1)!),
  )
  const names = loop < 24 ? `${t("map.start")} · ${t("map.finish")}` : t("map.finish")
  post(context, line, line.length_m, names, 5, projection, palette)
  if (loop >= 24) post(context, line, 0, t("map.start"), 5, projection, palette)
}

function post(
  context: CanvasRenderingContext2D,
  line: Line,
  along: number,
  text: string,
  radius: number,
  projection: Projection,
  palette: Palette,
): void {
  line.at(along, spot)
  const [x, y] = [projection.x(spot.x), projection.y(spot.y)]
  if (!projection.inside(x, y, 60)) return
  context.fillStyle = palette.surface
  context.strokeStyle = palette.route
  context.lineWidth = radius > 4 ? 3 : 1.6
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.fill()
  context.stroke()
  // Beside the line, to the right of the direction of travel.
  const [sideX, sideY] = [-Math.sin(spot.heading), Math.cos(spot.heading)]
  context.textAlign = sideX > 0.3 ? "left" : sideX < -0.3 ? "right" : "center"
  const [left, middle] = [x + sideX * (radius + 7), y + sideY * (radius + 10)]
  context.strokeStyle = palette.canvas
  context.lineWidth = 3
  context.strokeText(text, left, middle)
  context.fillStyle = palette.quiet
  context.fillText(text, left, middle)
}
