/** Every look of a dot, drawn once: thousands are then stamped, not drawn. */
import { STATES, type State } from "../core/model"
import { PLAIN, SHAPES, type Shape } from "../ui/shapes"
import type { Palette } from "./palette"

const HEADINGS = 32
/** CSS pixels of one stamp; the 24-grid shape is drawn in the middle at SIZE. */
const CELL = 40
const SIZE = 25
const COLUMNS = 8

export class Sprites {
  private readonly sheet = document.createElement("canvas")
  private readonly slots = new Map<State, number>()
  private readonly ratio: number

  constructor(palette: Palette, ratio: number) {
    this.ratio = ratio
    const looks: { state: State; shape: Shape; turn: number }[] = []
    for (const state of STATES) {
      this.slots.set(state, looks.length)
      if (state !== "on_route") looks.push({ state, shape: SHAPES[state], turn: 0 })
      else {
        looks.push({ state, shape: PLAIN, turn: 0 })
        for (let i = 0; i < HEADINGS; i++) {
          looks.push({ state, shape: SHAPES.on_route, turn: (i * 2 * Math.PI) / HEADINGS })
        }
      }
    }
    this.sheet.width = COLUMNS * CELL * ratio
    this.sheet.height = Math.ceil(looks.length / COLUMNS) * CELL * ratio
    const context = this.sheet.getContext("2d")!
    looks.forEach(({ state, shape, turn }, slot) => {
      context.setTransform(ratio, 0, 0, ratio, 0, 0)
      context.translate(((slot % COLUMNS) + 0.5) * CELL, (Math.floor(slot / COLUMNS) + 0.5) * CELL)
      paint(context, state, shape, turn, palette)
    })
  }

  /** size: 1 is the full size. heading: radians clockwise from east, NaN unknown. */
  stamp(
    context: CanvasRenderingContext2D,
    state: State,
    heading: number,
    x: number,
    y: number,
    size: number,
  ) {
    let slot = this.slots.get(state)!
    if (state === "on_route" && !Number.isNaN(heading)) {
      slot += 1 + ((Math.round((heading / (2 * Math.PI)) * HEADINGS) + HEADINGS) % HEADINGS)
    }
    const cell = CELL * this.ratio
    const side = CELL * size
    const [left, top] = [(slot % COLUMNS) * cell, Math.floor(slot / COLUMNS) * cell]
    context.drawImage(this.sheet, left, top, cell, cell, x - side / 2, y - side / 2, side, side)
  }
}

function paint(
  context: CanvasRenderingContext2D,
  state: State,
  shape: Shape,
  turn: number,
  palette: Palette,
) {
  const colour = palette.state[state]
  if (state === "off_route") {
    context.fillStyle = colour
    context.globalAlpha = 0.22
    context.beginPath()
    context.arc(0, 0, CELL / 2 - 1, 0, 2 * Math.PI)
    context.fill()
    context.globalAlpha = 1
  }
  context.rotate(turn)
  context.scale(SIZE / 24, SIZE / 24)
  context.translate(-12, state === "off_route" ? -13.5 : -12)
  context.lineJoin = "round"
  context.lineCap = "round"
  const body = new Path2D(shape.body)
  context.globalAlpha = state === "silent" ? 0.75 : 1
  context.strokeStyle = palette.surface
  context.lineWidth = shape.hollow ? 6 : 4
  context.stroke(body)
  context.fillStyle = shape.hollow ? palette.surface : colour
  context.fill(body)
  if (shape.hollow) {
    context.strokeStyle = colour
    context.lineWidth = 2.5
    context.setLineDash(shape.dashed ? [3.4, 3.4] : [])
    context.stroke(body)
    context.setLineDash([])
  }
  if (shape.mark) {
    context.strokeStyle = palette.surface
    context.lineWidth = 2.4
    context.stroke(new Path2D(shape.mark))
  }
  context.globalAlpha = 1
}
