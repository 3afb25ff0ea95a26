/** Names beside dots; one that would cover another is left out. */
import { Boxes } from "./boxes"
import type { Palette } from "./palette"

const SIZE = 12

export class Labels {
  private readonly boxes = new Boxes()

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
    if (strong) this.boxes.force(box)
    else if (!this.boxes.take(box)) return
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
