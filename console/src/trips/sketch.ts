/** The ride as a small picture: the route, how far it was ridden, the recorded track, stops, and where it was left. */
import type { Line } from "../core/geometry"
import { svg } from "../ui/dom"
import { Outline } from "./outline"
import type { Ping, Standing } from "./track"

const ROOM = 40

export function sketch(line: Line, pings: readonly Ping[], standing: Standing): SVGSVGElement {
  const outline = new Outline(line, pings)
  const { settled, progress } = standing
  const along = settled?.progress.along_m ?? progress?.along_m ?? 0
  const root = svg("svg", {
    viewBox: `${-ROOM} ${-ROOM} ${outline.width + 2 * ROOM} ${outline.height + 2 * ROOM}`,
    class: "sketch",
    "aria-hidden": "true",
  })
  const dot = (place: string, look: string) => svg("path", { d: `M${place}h0`, class: look })
  const post = (place: string, look: string) => [dot(place, "sketch-post"), dot(place, look)]
  const way = (d: string, look: string) => svg("path", { d, class: look })
  const last = settled ? undefined : pings.at(-1)
  root.append(
    way(outline.route(), "sketch-route"),
    ...(along > 0 ? [way(outline.route(along), "sketch-done")] : []),
    way(outline.track(), "sketch-track"),
    ...(settled?.off_route.incidents ?? []).map(({ lat, lon }) => dot(outline.place(lat, lon), "sketch-off")),
    ...line.stops.flatMap(({ along_m }, i) => {
      const missed = settled?.stops[i]?.visited === false
      return post(outline.at(along_m), missed ? "sketch-missed" : "sketch-stop")
    }),
    ...post(outline.at(0), "sketch-start"),
    ...post(outline.at(line.length_m), "sketch-end"),
    ...(last ? post(outline.place(last.lat, last.lon), "sketch-here") : []),
  )
  return root
}
