/** Drawing on the map: a line that is drawn on at its end, stops that are put, and both moved. */
import type { Map as MapLibre } from "maplibre-gl"
import {
  type HexColor,
  TerraDraw,
  TerraDrawLineStringMode,
  TerraDrawPointMode,
  TerraDrawSelectMode,
} from "terra-draw"
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter"
import type { Palette } from "../map/palette"
import type { LonLat } from "./routes"
import { rounded, type Sketch } from "./sketch"
import { HANDLES, type Tool } from "./tool"

export interface PenWorld {
  /** A line was drawn, to go on at the end of the one there is. */
  drawn(line: readonly LonLat[]): void
  /** A stop was put here. */
  put(at: LonLat): void
  /** The line has another shape now, or the stop with this index another place. */
  shaped(line: readonly LonLat[]): void
  moved(stop: number, at: LonLat): void
}

type Id = string | number

export class Pen {
  private readonly draw: TerraDraw
  private line: Id | null = null
  /** Which stop is which feature. */
  private readonly stops = new Map<Id, number>()

  /** `map`: its style has loaded. */
  constructor(
    map: MapLibre,
    colours: Palette,
    private readonly world: PenWorld,
  ) {
    this.draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: 9 }),
      modes: modes(colours),
    })
    this.draw.start()
    // Once it has done with the feature: what comes of it draws everything anew.
    this.draw.on("finish", (id, { action }) => setTimeout(() => this.finished(id, action)))
  }

  /** Something is there, if only a line that is not finished. */
  get busy(): boolean {
    return this.draw.getSnapshot().length > 0
  }

  take(tool: Tool): void {
    this.draw.setMode(tool)
    if (tool === "select" && this.line !== null) this.draw.selectFeature(this.line)
  }

  show(sketch: Sketch): void {
    const { draw } = this
    const tool = draw.getMode() as Tool
    draw.setMode("static")
    draw.clear()
    this.stops.clear()
    const { line, stops } = sketch
    this.line = line.length > 1 && line.length <= HANDLES ? this.add("LineString", line.map(exact)) : null
    stops.forEach(({ lon, lat }, i) => {
      this.stops.set(this.add("Point", exact([lon, lat])), i)
    })
    this.take(tool)
  }

  remove(): void {
    this.draw.stop()
  }

  private add(type: "LineString" | "Point", coordinates: unknown): Id {
    const id = this.draw.getFeatureId()
    const geometry = { type, coordinates } as never
    const properties = { mode: type === "Point" ? "point" : "linestring" }
    const [told] = this.draw.addFeatures([{ id, type: "Feature", geometry, properties }])
    if (!told?.valid) throw new Error(`terra-draw: ${told?.reason}`)
    return id
  }

  private finished(id: Id, action: string): void {
    const found = this.draw.enabled && this.draw.getSnapshotFeature(id)
    if (!found) return
    const { type, coordinates } = found.geometry
    if (type === "Point") {
      const at = exact(coordinates)
      const stop = this.stops.get(id)
      if (stop === undefined) this.world.put(at)
      else this.world.moved(stop, at)
    } else if (type === "LineString") {
      const line = coordinates.map(exact)
      if (action === "draw") this.world.drawn(line)
      else this.world.shaped(line)
    }
  }
}

const exact = ([lon = 0, lat = 0]: readonly number[]): LonLat => [rounded(lon), rounded(lat)]

function modes(colours: Palette) {
  const [accent, surface] = [colours.accent as HexColor, colours.surface as HexColor]
  const lineStyle = { lineStringColor: accent, lineStringWidth: 4 }
  const pointStyle = { pointColor: surface, pointOutlineColor: accent, pointWidth: 6, pointOutlineWidth: 3 }
  const shape = { draggable: false, coordinates: { midpoints: true, draggable: true, deletable: true } }
  return [
    new TerraDrawLineStringMode({
      styles: { ...lineStyle, closingPointColor: accent, closingPointOutlineColor: surface },
    }),
    new TerraDrawPointMode({ styles: pointStyle }),
    new TerraDrawSelectMode({
      flags: { linestring: { feature: shape }, point: { feature: { draggable: true } } },
      styles: {
        selectedLineStringColor: accent,
        selectedLineStringWidth: 4,
        selectionPointColor: surface,
        selectionPointOutlineColor: accent,
        selectionPointWidth: 5,
        selectionPointOutlineWidth: 2,
        midPointColor: accent,
        midPointOutlineColor: surface,
        midPointWidth: 3,
        midPointOutlineWidth: 1,
        selectedPointColor: accent,
        selectedPointOutlineColor: surface,
        selectedPointWidth: 7,
        selectedPointOutlineWidth: 3,
      },
    }),
  ]
}
