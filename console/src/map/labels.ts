/** Names beside dots; one that would cover another is left out. */
import type { Palette } from "./palette"

interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

const SIZE = 12

export class Labels {
  private readonly taken: Box[] = []

  constructor(
    private readonly context: CanvasRenderingContext2D,
    private readonly palette: Palette,
  ) {
    context.font = `600 ${SIZE}px ${palette.font}`
    context.textBaseline = "middle"
    context.lineJoin = "round"
  }

  /** Below the dot at x, y. `strong`: on a plate, whatever it covers. */
  draw(text: string, x: number, y: number, strong: boolean): void {
    const { context, palette } = this
    const width = context.measureText(text).width
    const left = Math.round(x - width / 2)
    const middle = y + 23
    const box = { left: left - 6, top: middle - 10, right: left + width + 6, bottom: middle + 10 }
    const covers = (other: Box) =>
      box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top
    if (!strong && this.taken.some(covers)) return
    this.taken.push(box)
    if (strong) {
      context.fillStyle = palette.text
      context.beginPath()
      context.roundRect(box.left, box.top, box.right - box.left, box.bottom - box.top, 6)
      context.fill()
      context.fillStyle = palette.surface
    } else {
      context.strokeStyle = palette.surface
      context.lineWidth = 3.5
      context.strokeText(text, left, middle)
      context.fillStyle = palette.text
    }
    context.fillText(text, left, middle)
  }
}
