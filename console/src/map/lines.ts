/** The routes as lines of the MapLibre map. */
import type { Feature, FeatureCollection, Position } from "geojson"
import type { GeoJSONSource, Map as MapLibre } from "maplibre-gl"
import type { Line } from "../core/geometry"
import type { Palette } from "./palette"

export const SOURCE = "routes"
const WIDTH = ["interpolate", ["linear"], ["zoom"], 8, 2, 14, 5] as const
const CASE = ["interpolate", ["linear"], ["zoom"], 8, 4, 14, 9] as const

/** Adds what is missing, after any style has loaded. */
export function addLines(map: MapLibre, lines: Iterable<Line>, palette: Palette): void {
  if (!map.getSource(SOURCE)) {
    map.addSource(SOURCE, { type: "geojson", data: collection(lines), tolerance: 0.3 })
    const layout = { "line-cap": "round", "line-join": "round" } as const
    const style = (color: string, width: unknown) => ({ "line-color": color, "line-width": width as number })
    map.addLayer({
      id: "route-case",
      type: "line",
      source: SOURCE,
      layout,
      paint: style(palette.routeCase, CASE),
    })
    map.addLayer({ id: "route", type: "line", source: SOURCE, layout, paint: style(palette.route, WIDTH) })
  }
}

export function setLines(map: MapLibre, lines: Iterable<Line>): void {
  map.getSource<GeoJSONSource>(SOURCE)?.setData(collection(lines))
}

export function paintLines(map: MapLibre, palette: Palette, selected: string | null): void {
  if (!map.getLayer("route")) return
  map.setPaintProperty("route-case", "line-color", palette.routeCase)
  map.setPaintProperty("route", "line-color", palette.route)
  const dim = selected === null ? 1 : ["case", ["==", ["get", "route"], selected], 1, 0.35]
  map.setPaintProperty("route", "line-opacity", dim)
}

function collection(lines: Iterable<Line>): FeatureCollection {
  const features = Array.from(lines, (line): Feature => {
    const geometry = { type: "LineString" as const, coordinates: line.coordinates as unknown as Position[] }
    return { type: "Feature", geometry, properties: { route: line.route } }
  })
  return { type: "FeatureCollection", features }
}
