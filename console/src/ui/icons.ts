/** Small pictures as SVG. */
import type { State } from "../core/model"
import { svg } from "./dom"
import { SHAPES } from "./shapes"

const PATHS = {
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  close: "M6 6l12 12M18 6L6 18",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20 20",
  out: "M10 4H5v16h5M14.5 8l4 4-4 4M18.5 12H9.5",
  back: "M15 6l-6 6 6 6",
  on: "M9 6l6 6-6 6",
  up: "M6 15l6-6 6 6",
  target: "M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM12 2.5V7M12 17v4.5M2.5 12H7M17 12h4.5",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.5l3 2",
  battery: "M4 8h14v8H4zM21 11v2M7 11v2",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.3a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4z",
} as const

const picture = (size: string, look: string, ...paths: SVGPathElement[]): SVGSVGElement =>
  svg("svg", { viewBox: `0 0 ${size}`, class: look, "aria-hidden": "true" }, ...paths)

const path = (d: string, look: string): SVGPathElement => svg("path", { d, class: look })

export function icon(name: keyof typeof PATHS): SVGSVGElement {
  return picture("24 24", "icon", path(PATHS[name], "line"))
}

/** The state's shape; its colour comes from `data-state` by the style sheet. */
export function stateIcon(state: State): SVGSVGElement {
  const root = picture("24 24", "shape")
  shapeInto(root, state)
  return root
}

export function shapeInto(root: SVGSVGElement, state: State): void {
  if (root.dataset.state === state) return
  root.dataset.state = state
  const shape = SHAPES[state]
  const look = `body${shape.hollow ? " hollow" : ""}${shape.dashed ? " dashed" : ""}`
  root.replaceChildren(path(shape.body, look), ...(shape.mark ? [path(shape.mark, "mark")] : []))
}

/** The mark of the product: a path with its mileposts. */
export function brandMark(): SVGSVGElement {
  return picture(
    "32 32",
    "brand-mark",
    path("M8 0h16a8 8 0 0 1 8 8v16a8 8 0 0 1-8 8H8a8 8 0 0 1-8-8V8a8 8 0 0 1 8-8z", "tile"),
    path("M7 23c4.5 0 3.5-7.5 8-7.5S19 9 25 9", "way"),
    path("M4.3 23a2.7 2.7 0 1 1 5.4 0a2.7 2.7 0 1 1-5.4 0z", "post"),
    path("M22.3 9a2.7 2.7 0 1 1 5.4 0a2.7 2.7 0 1 1-5.4 0z", "post"),
    path("M11.8 15.3a4.2 4.2 0 1 1 8.4 0a4.2 4.2 0 1 1-8.4 0z", "here"),
  )
}

/** A quiet picture for empty places: a road that waits. */
export function emptyPicture(): SVGSVGElement {
  return picture(
    "160 96",
    "picture",
    path("M10 78C40 78 38 40 72 40s34-24 78-24", "way"),
    path("M10 78C40 78 38 40 72 40s34-24 78-24", "dash"),
    path("M5 78a5 5 0 1 1 10 0a5 5 0 1 1-10 0z", "post"),
    path("M67 40a5 5 0 1 1 10 0a5 5 0 1 1-10 0z", "post"),
    path("M145 16a5 5 0 1 1 10 0a5 5 0 1 1-10 0z", "post"),
  )
}
