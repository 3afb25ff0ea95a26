/** The picture beside the sign-in form: a route over quiet country, with couriers on their way. */
import { svg } from "./dom"

const WAY = "M-40 640C160 620 190 470 330 450S520 520 620 400 700 170 860 150s190 60 300-30"

const CONTOURS = [
  "M-20 250C140 180 260 270 400 210S640 60 800 40s220 30 320-20",
  "M-20 320C150 250 270 340 420 270S650 110 810 90s230 40 330-20",
  "M-20 780C200 740 300 640 460 640s200 60 340-30 140-210 360-250",
  "M-20 850C220 810 320 710 480 710s230 70 380-30 130-190 300-220",
]

/** Shares of the way; the part up to LEAD is done, as the style sheet has it. */
const LEAD = 0.62
const RIDERS = [0.17, 0.4]
const POSTS: readonly [number, string][] = [
  [0.28, "post"],
  [0.51, "post"],
  [0.74, "post ahead"],
]
const way = svg("path", { d: WAY })

export function scenery(): Element {
  const look = { class: "scenery", preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true" }
  return svg(
    "svg",
    { viewBox: "0 0 1100 800", ...look },
    ...CONTOURS.map((d) => svg("path", { d, class: "contour" })),
    svg("path", { d: WAY, class: "way-case" }),
    svg("path", { d: WAY, class: "way" }),
    svg("path", { d: WAY, class: "way-done", pathLength: "100" }),
    ...POSTS.map(([share, look]) => disc(share, 9, look)),
    ...RIDERS.map((share) => disc(share, 14, "rider")),
    disc(LEAD, 30, "halo"),
    disc(LEAD, 15, "rider lead"),
  )
}

/** A circle at this share of the way. */
function disc(share: number, r: number, look: string): SVGElement {
  const { x, y } = way.getPointAtLength(way.getTotalLength() * share)
  return svg("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r, class: look })
}
