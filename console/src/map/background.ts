/** What lies under the routes: nothing (the page's own grid), raster tiles, or a whole vector style. */
import type { StyleSpecification } from "maplibre-gl"
import type { MapConfig } from "../core/config"

const BLANK: StyleSpecification = { version: 8, sources: {}, layers: [] }

export const isBlank = ({ tiles, style }: MapConfig): boolean => !tiles && !style
export const blank = (): StyleSpecification => structuredClone(BLANK)

export function background(config: MapConfig, dark: boolean): string | StyleSpecification {
  if (config.style) return config.style
  if (!config.tiles) return blank()
  return {
    version: 8,
    sources: { tiles: { type: "raster", tiles: [config.tiles], tileSize: 256, maxzoom: 19 } },
    layers: [{ id: "tiles", type: "raster", source: "tiles", paint: tilePaint(dark) }],
  }
}

/** Tiles are drawn for daylight; at night they are dimmed, so that the dots stand out. */
export function tilePaint(dark: boolean) {
  return dark
    ? { "raster-brightness-max": 0.55, "raster-saturation": -0.5, "raster-contrast": 0.1 }
    : { "raster-brightness-max": 1, "raster-saturation": -0.25, "raster-contrast": 0 }
}
