/** A route on a MapLibre map: its line, its stops with their radii, and the stretches that are told of. */
import type { Feature, FeatureCollection, Position } from "geojson"
import type { GeoJSONSource, Map as MapLibre } from "maplibre-gl"
import type { MapConfig } from "../core/config"
import { mercatorX, mercatorY, metresPerUnit } from "../core/geometry"
import { Ground } from "../map/ground"
import { addLines, SOURCE as LINES, paintLines, setLines } from "../map/lines"
import { drawPosts } from "../map/posts"
import { extent, type Mark, type Picture, reach } from "./picture"
import type { Pins } from "./pins"
import type { Stop } from "./routes"

const STRETCHES = "stretches"
const EMPTY: Picture = { line: null, stops: [], marks: [] }

export class Chart {
  readonly ground: Ground
  private picture = EMPTY
  private chosen: number | null = null

  /** Throws where there is no WebGL. */
  constructor(
    frame: HTMLElement,
    config: MapConfig,
    private readonly pins: Pins,
  ) {
    this.ground = new Ground(frame, config, {
      texts: { label: "routes.map.label", fit: "routes.map.fit" },
      sources: [LINES, STRETCHES],
      styled: () => this.styled(),
      draw: () => this.draw(),
      recolour: () => this.paint(),
      extent: () => extent(this.picture),
      roof: () => frame.querySelector(".drawing")?.scrollHeight ?? 0,
    })
    this.ground.redraw()
  }

  /** `fit`: brings it all into view. */
  show(picture: Picture, fit: boolean): void {
    this.picture = picture
    this.chosen = null
    setLines(this.ground.map, this.lines())
    this.source()?.setData(collection(picture.marks))
    this.paint()
    this.ground.map.resize() // the frame may have been away
    if (fit) this.ground.fit(0)
    this.ground.redraw()
  }

  /** The mark with this number in the middle; null for none. */
  choose(number: number | null): void {
    this.chosen = number
    this.paint()
    const mark = this.picture.marks.find((one) => one.number === number)
    if (mark) this.ground.fit(700, reach(mark))
  }

  redraw(): void {
    this.ground.redraw()
  }

  remove(): void {
    this.ground.remove()
  }

  private lines() {
    return this.picture.line ? [this.picture.line] : []
  }

  private source(): GeoJSONSource | undefined {
    return this.ground.map.getSource<GeoJSONSource>(STRETCHES)
  }

  private styled(): void {
    const { map, colours } = this.ground
    addLines(map, this.lines(), colours)
    if (!map.getSource(STRETCHES)) addStretches(map, this.picture.marks)
    this.paint()
  }

  private paint(): void {
    const { map, colours } = this.ground
    paintLines(map, colours, null)
    if (!map.getLayer(STRETCHES)) return
    const chosen = ["==", ["get", "number"], this.chosen ?? 0] as const
    map.setPaintProperty(STRETCHES, "line-color", ["case", ["get", "blocks"], colours.danger, colours.warn])
    map.setPaintProperty(STRETCHES, "line-opacity", ["case", chosen, 1, 0.6])
    map.setPaintProperty(STRETCHES, "line-width", ["case", chosen, 8, 5])
  }

  private draw(): void {
    const { over, projection, colours } = this.ground
    const { context } = over
    context.lineWidth = 1.5
    for (const stop of this.picture.stops) this.radius(context, stop)
    drawPosts(context, this.lines(), projection, colours)
    this.pins.place(([lon, lat]) => [projection.x(mercatorX(lon)), projection.y(mercatorY(lat))])
  }

  private radius(context: CanvasRenderingContext2D, { lon, lat, radius_m }: Stop): void {
    const { projection, colours } = this.ground
    const y = mercatorY(lat)
    context.beginPath()
    const size = (radius_m / metresPerUnit(y)) * projection.scale
    context.arc(projection.x(mercatorX(lon)), projection.y(y), size, 0, 2 * Math.PI)
    context.globalAlpha = 0.16
    context.fillStyle = colours.accent
    context.fill()
    context.globalAlpha = 0.8
    context.strokeStyle = colours.accent
    context.stroke()
    context.globalAlpha = 1
  }
}

function addStretches(map: MapLibre, marks: readonly Mark[]): void {
  map.addSource(STRETCHES, { type: "geojson", data: collection(marks) })
  const layout = { "line-cap": "round", "line-join": "round" } as const
  map.addLayer({ id: STRETCHES, type: "line", source: STRETCHES, layout })
}

function collection(marks: readonly Mark[]): FeatureCollection {
  const features = marks.flatMap(({ number, blocks, stretches }) =>
    stretches.map((coordinates): Feature => {
      const geometry = { type: "LineString" as const, coordinates: coordinates as unknown as Position[] }
      return { type: "Feature", geometry, properties: { number, blocks } }
    }),
  )
  return { type: "FeatureCollection", features }
}
