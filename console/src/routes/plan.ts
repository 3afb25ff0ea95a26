/** The frame in which a route is drawn: on a map, or on paper where there is no WebGL. */
import type { MapConfig } from "../core/config"
import type { Ground } from "../map/ground"
import { h } from "../ui/dom"
import type { Chart } from "./chart"
import type { Paper } from "./paper"
import type { Picture } from "./picture"
import { Pins } from "./pins"
import type { LonLat } from "./routes"

interface Shown {
  readonly picture: Picture
  readonly label: (number: number) => string
}

export class Plan {
  readonly element = h("div", { class: "plan" })
  /** The mark with this number was pointed at on the drawing. */
  pointed: (number: number) => void = () => {}
  private readonly pins = new Pins((number) => {
    this.choose(number)
    this.pointed(number)
  })
  private drawing: Chart | Paper | null = null
  private opening: Promise<void> | null = null
  private shown: Shown | null = null

  constructor(private readonly config: MapConfig) {}

  /** `label`: what the mark with this number is; `fit`: brings it all into view. The same route again stays. */
  async show(picture: Picture, label = (_: number) => "", fit?: boolean): Promise<void> {
    const before = this.shown?.picture
    const other = fit ?? (!before || before.line?.route !== picture.line?.route)
    this.shown = { picture, label }
    this.pins.point(null)
    this.pins.show(picture.marks, label)
    await this.open()
    if (this.shown?.picture === picture) this.drawing?.show(picture, other) // else it was left meanwhile
  }

  /** Marks it and brings it into the middle; null for none. */
  choose(number: number | null): void {
    this.pins.mark(number)
    this.drawing?.choose(number)
  }

  /** A ring around a place. */
  point(at: LonLat): void {
    this.pins.point(at)
    this.drawing?.redraw()
  }

  /** The map, once it can be drawn on; null where there is none. */
  async ground(): Promise<Ground | null> {
    await this.open()
    const { drawing } = this
    if (!drawing || !("ground" in drawing)) return null
    await drawing.ground.ready
    return drawing.ground
  }

  redraw(): void {
    this.drawing?.redraw()
  }

  /** Gives the map's WebGL context back; `show` draws anew. */
  close(): void {
    this.drawing?.remove()
    this.drawing = null
    this.opening = null
    this.shown = null
  }

  private open(): Promise<void> {
    if (!this.opening) {
      const opening: Promise<void> = this.made().then((drawing) => {
        if (this.opening === opening) this.drawing = drawing
        else drawing.remove()
      })
      this.opening = opening
    }
    return this.opening
  }

  private async made(): Promise<Chart | Paper> {
    const { element, pins, config } = this
    element.append(pins.element)
    try {
      const { Chart } = await import("./chart")
      return new Chart(element, config, pins)
    } catch (error) {
      if (document.createElement("canvas").getContext("webgl2")) throw error
      const { Paper } = await import("./paper")
      return new Paper(element, pins)
    }
  }
}
