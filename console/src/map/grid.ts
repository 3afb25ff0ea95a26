/** Under everything, so seen where there is no background map: meridians and parallels with their degrees. */
import { latitude, longitude, mercatorX, mercatorY } from "../core/geometry"
import type { Palette } from "./palette"
import type { Projection } from "./projection"

const STEPS = [45, 30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001]
const APART_PX = 110

/** Degrees between lines that keep them at least APART_PX apart; `perDegree`: pixels. */
export function step(perDegree: number): number {
  return STEPS.reduce((best, candidate) => (candidate * perDegree >= APART_PX ? candidate : best), STEPS[0]!)
}

export function drawGrid(context: CanvasRenderingContext2D, projection: Projection, palette: Palette): void {
  const { width, height } = projection
  const west = longitude(projection.unitX(0))
  const east = longitude(projection.unitX(width))
  const north = latitude(projection.unitY(0))
  const south = latitude(projection.unitY(height))
  const every = step(width / (east - west))
  const digits = Math.max(0, -Math.floor(Math.log10(every)))
  context.strokeStyle = palette.grid
  context.lineWidth = 1
  context.fillStyle = palette.quiet
  context.font = `500 10px ${palette.font}`
  context.textBaseline = "top"
  const half = projection.width / 2
  const centre = projection.unitX(half)
  context.beginPath()
  const texts: [string, number, number][] = []
  for (let i = Math.ceil(west / every); i * every <= east; i++) {
    const x = Math.round((mercatorX(i * every) - centre) * projection.scale + half) + 0.5
    context.moveTo(x, 0)
    context.lineTo(x, height)
    texts.push([degrees(wrap(i * every), digits, "E", "W"), x + 4, 6])
  }
  for (let i = Math.ceil(south / every); i * every <= north; i++) {
    const y = Math.round(projection.y(mercatorY(i * every))) + 0.5
    context.moveTo(0, y)
    context.lineTo(width, y)
    if (y > 24 && y < height - 56) texts.push([degrees(i * every, digits, "N", "S"), 6, y + 4])
  }
  context.stroke()
  context.globalAlpha = 0.8
  for (const [text, x, y] of texts) context.fillText(text, x, y)
  context.globalAlpha = 1
}

const wrap = (lon: number) => ((((lon + 180) % 360) + 360) % 360) - 180

function degrees(value: number, digits: number, plus: string, minus: string): string {
  const side = Math.abs(value) < 1e-9 ? "" : value > 0 ? plus : minus
  return `${Math.abs(value).toFixed(digits)}°${side}`
}
