/** Zoom, everything in view, and the scale. */
import { metresPerUnit } from "../core/geometry"
import { distance, type Key } from "../i18n"
import { button, h, name, write } from "../ui/dom"
import { icon } from "../ui/icons"
import type { Projection } from "./projection"

/** `all`: what the button says that brings everything into view. */
export function controls(zoomIn: () => void, zoomOut: () => void, all: Key, fit: () => void): HTMLElement {
  return name(
    h(
      "div",
      { class: "controls", role: "group" },
      button(all, "ghost", fit, icon("fit")),
      button("map.zoomin", "ghost", zoomIn, icon("plus")),
      button("map.zoomout", "ghost", zoomOut, icon("minus")),
    ),
    "map.controls",
  )
}

const WIDEST_PX = 110

export class ScaleBar {
  private readonly text = h("span")
  readonly element = h("div", { class: "scale" }, this.text)

  show(projection: Projection): void {
    const perPixel = metresPerUnit(projection.unitY(projection.height / 2)) / projection.scale
    const metres = roundDown(perPixel * WIDEST_PX)
    this.element.style.width = `${Math.round(metres / perPixel)}px`
    const text = distance(metres, metres >= 1_000)
    write(this.text, text)
    name(this.element, "map.scale", { distance: text })
    this.element.setAttribute("role", "img")
  }
}

/** 1, 2 or 5 times a power of ten. */
export function roundDown(metres: number): number {
  const power = 10 ** Math.floor(Math.log10(metres))
  return power * ([5, 2].find((factor) => factor * power <= metres) ?? 1)
}
