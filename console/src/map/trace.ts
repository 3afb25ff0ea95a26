/** A route's line from its start to somewhere along it. */
import type { Line, Spot } from "../core/geometry"
import type { Projection } from "./projection"

const end: Spot = { x: 0, y: 0, heading: 0 }

/** Strokes it; vertices less than a pixel apart are joined. */
export function trace(
  context: CanvasRenderingContext2D,
  line: Line,
  along: number,
  projection: Projection,
): void {
  const last = line.segment(along)
  let x = projection.x(line.x[0]!)
  let y = projection.y(line.y[0]!)
  context.beginPath()
  context.moveTo(x, y)
  for (let i = 1; i <= last; i++) {
    const nextX = projection.x(line.x[i]!)
    const nextY = projection.y(line.y[i]!)
    if (Math.abs(nextX - x) + Math.abs(nextY - y) < 1) continue
    x = nextX
    y = nextY
    context.lineTo(x, y)
  }
  line.at(along, end)
  context.lineTo(projection.x(end.x), projection.y(end.y))
  context.stroke()
}
