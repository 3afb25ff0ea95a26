/**
 * Every look of a dot, drawn once: thousands are then stamped, not drawn. The sheet has the very pixels of the
 * screen and stamps lie on whole ones; a scaled or smoothed stamp costs several times as much.
 */
import { STATES, type State } from "../core/model"
import { PLAIN, SHAPES, type Shape } from "../ui/shapes"
import type { Palette } from "./palette"

const HEADINGS = 32
const COLUMNS = 8
/** CSS pixels: a side of the shape's 24-grid, of its stamp, and of the stamp with a halo. */
const SIZE = 25
const CELL = 30
const HALO_CELL = 40

interface Look {
  readonly state: State
  readonly shape: Shape
  readonly turn: number
}

export class Sprites {
  /** A bitmap, not a canvas: each stamp of a canvas would first look whether it has changed. */
  private readonly sheet: ImageBitmap
  private readonly slots = new Map<State, number>()
  /** Device pixels of a slot of the sheet. */
  private readonly pitch: number

  /** scale: device pixels of the screen in one CSS pixel of the shapes. */
  constructor(
    palette: Palette,
    private readonly scale: number,
  ) {
    const looks = STATES.flatMap((state): Look[] => {
      if (state !== "on_route") return [{ state, shape: SHAPES[state], turn: 0 }]
      const turns = Array.from({ length: HEADINGS }, (_, i) => (i * 2 * Math.PI) / HEADINGS)
      return [
        { state, shape: PLAIN, turn: 0 },
        ...turns.map((turn) => ({ state, shape: SHAPES[state], turn })),
      ]
    })
    for (const state of STATES) {
      this.slots.set(
        state,
        looks.findIndex((look) => look.state === state),
      )
    }
    this.pitch = Math.ceil(HALO_CELL * scale)
    const rows = Math.ceil(looks.length / COLUMNS)
    const canvas = new OffscreenCanvas(COLUMNS * this.pitch, rows * this.pitch)
    const context = canvas.getContext("2d")!
    looks.forEach(({ state, shape, turn }, slot) => {
      context.setTransform(scale, 0, 0, scale, ...this.corner(slot))
      context.translate(cell(state) / 2, cell(state) / 2)
      paint(context, state, shape, turn, palette)
    })
    this.sheet = canvas.transferToImageBitmap()
  }

  /** In device pixels, on a context without a scale. heading: radians clockwise from east, NaN unknown. */
  stamp(context: CanvasRenderingContext2D, state: State, heading: number, x: number, y: number): void {
    let slot = this.slots.get(state)!
    if (state === "on_route" && !Number.isNaN(heading)) {
      slot += 1 + ((Math.round((heading / (2 * Math.PI)) * HEADINGS) + HEADINGS) % HEADINGS)
    }
    const side = Math.ceil(cell(state) * this.scale)
    const [left, top] = this.corner(slot)
    const half = (cell(state) * this.scale) / 2
    context.drawImage(
      this.sheet,
      left,
      top,
      side,
      side,
      Math.round(x - half),
      Math.round(y - half),
      side,
      side,
    )
  }

  private corner(slot: number): [number, number] {
    return [(slot % COLUMNS) * this.pitch, Math.floor(slot / COLUMNS) * this.pitch]
  }
}

const cell = (state: State): number => (state === "off_route" ? HALO_CELL : CELL)

function paint(
  context: OffscreenCanvasRenderingContext2D,
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
    context.arc(0, 0, HALO_CELL / 2 - 1, 0, 2 * Math.PI)
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
