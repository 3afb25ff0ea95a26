/** A canvas that covers the map, in CSS pixels. */
import { h } from "../ui/dom"

const SHARPEST = 2

export class Surface {
  readonly canvas: HTMLCanvasElement
  readonly context: CanvasRenderingContext2D
  ratio = 1

  constructor(look: string) {
    this.canvas = h("canvas", { class: `surface ${look}`, "aria-hidden": "true" })
    this.context = this.canvas.getContext("2d")!
  }

  /** An empty canvas of this size. */
  clear(width: number, height: number): CanvasRenderingContext2D {
    this.ratio = Math.min(SHARPEST, devicePixelRatio || 1)
    const [w, tall] = [Math.round(width * this.ratio), Math.round(height * this.ratio)]
    if (this.canvas.width !== w || this.canvas.height !== tall) {
      this.canvas.width = w
      this.canvas.height = tall
    } else {
      this.context.setTransform(1, 0, 0, 1, 0, 0)
      this.context.clearRect(0, 0, w, tall)
    }
    this.context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0)
    return this.context
  }
}
