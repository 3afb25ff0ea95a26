/** The map: MapLibre for background and routes, canvases of our own for everything that moves. */
import { AttributionControl, Map as MapLibre, setWorkerUrl } from "maplibre-gl/dist/maplibre-gl-csp.js"
import type { Board, Entry } from "../core/board"
import type { MapConfig } from "../core/config"
import { type Bounds, type Line, latitude, longitude, mercatorX, mercatorY } from "../core/geometry"
import { h, name, say } from "../ui/dom"
import { background, blank, isBlank, tilePaint } from "./background"
import { controls, ScaleBar } from "./controls"
import { Dots } from "./dots"
import { drawGrid } from "./grid"
import { addLines, paintLines, setLines } from "./lines"
import { onTheme, palette } from "./palette"
import { drawPosts } from "./posts"
import { Projection } from "./projection"
import { Surface } from "./surface"

setWorkerUrl(new URL(MAPLIBRE_WORKER, document.baseURI).href)

const CLOSE_ZOOM = 14.5
const CONTROLS_PX = 40
const REACH_PX = { mouse: 16, touch: 26 }
const coarse = matchMedia("(pointer: coarse)")

export interface MapWorld {
  readonly board: Board
  readonly lines: ReadonlyMap<string, Line>
  select(courier: string | null): void
  /** The map has come to rest; dots are elsewhere on the screen. */
  moved(): void
}

export class MapView {
  readonly dots: Dots
  private readonly map: MapLibre
  private readonly projection = new Projection()
  private readonly under = new Surface("under")
  private readonly over = new Surface("over")
  private readonly scale = new ScaleBar()
  private readonly note = say(h("p", { class: "map-note", hidden: true }), "map.tiles")
  private colours = palette()
  private readonly offTheme: () => void
  /** True once a style has loaded. */
  private styled = false
  /** True until the person moves the map. */
  private untouched = true

  /** Throws where there is no WebGL. */
  constructor(
    frame: HTMLElement,
    private readonly config: MapConfig,
    private readonly world: MapWorld,
  ) {
    const place = h("div", { class: "map-canvas" })
    frame.prepend(this.under.canvas, place)
    try {
      this.map = new MapLibre({
        container: place,
        style: background(config, this.colours.dark),
        center: [0, 25],
        zoom: 1.5,
        maxZoom: 19,
        maxPitch: 0,
        dragRotate: false,
        pitchWithRotate: false,
        fadeDuration: 0,
        attributionControl: false,
      })
    } catch (error) {
      place.remove()
      this.under.canvas.remove()
      throw error
    }
    this.dots = new Dots(world.board, (route) => world.lines.get(route) ?? null, this.colours)
    place.after(this.over.canvas, this.dots.surface.canvas)
    const zoom = { zoomIn: () => this.map.zoomIn(), zoomOut: () => this.map.zoomOut() }
    frame.append(
      controls(zoom.zoomIn, zoom.zoomOut, () => this.fit()),
      this.scale.element,
      this.note,
    )
    this.offTheme = onTheme(() => this.recolour())
    this.listen()
    this.redraw()
  }

  /** Moves the dots; after how long there is something to move again [ms]. Routes and grid stay as they are. */
  draw(now: number): number {
    return this.dots.draw(now, this.projection)
  }

  /** Everything, after the map has moved or a text has changed. */
  redraw(): void {
    const { projection, colours } = this
    const { lng, lat } = this.map.getCenter()
    const { clientWidth, clientHeight } = this.map.getContainer()
    projection.set(mercatorX(lng), mercatorY(lat), this.map.getZoom(), clientWidth, clientHeight)
    drawGrid(this.under.clear(clientWidth, clientHeight), projection, colours)
    drawPosts(this.over.clear(clientWidth, clientHeight), this.world.lines.values(), projection, colours)
    this.scale.show(projection)
    this.draw(performance.now())
  }

  /** A route has arrived. */
  routes(): void {
    setLines(this.map, this.world.lines.values())
    if (this.untouched) this.fit(0)
    else this.redraw()
  }

  select(entry: Entry | null): void {
    this.dots.selected = entry?.courier.courier ?? null
    paintLines(this.map, this.colours, entry?.courier.route ?? null)
    this.draw(performance.now())
  }

  /** After it was out of sight: it must know its size before it flies somewhere. */
  shown(): void {
    this.map.resize()
  }

  /** Brings a courier into the middle, near enough to see its street. */
  focus(entry: Entry): void {
    if (!entry.glide.placed) return
    this.untouched = false
    const { x, y } = entry.glide.spot
    const center: [number, number] = [longitude(x), latitude(y)]
    this.map.flyTo({ center, zoom: Math.max(this.map.getZoom(), CLOSE_ZOOM), duration: 900 })
  }

  /** Everybody and every known route into view. */
  fit(duration = 700): void {
    const all = this.extent()
    if (!all) return
    const { clientWidth, clientHeight } = this.map.getContainer()
    const edge = Math.min(64, clientWidth / 12, clientHeight / 8)
    const padding = { top: edge, bottom: edge, left: edge, right: edge + CONTROLS_PX }
    const corners: [[number, number], [number, number]] = [
      [all.west, all.south],
      [all.east, all.north],
    ]
    this.map.fitBounds(corners, { padding, duration, maxZoom: 16 })
  }

  remove(): void {
    this.offTheme()
    this.map.remove()
  }

  private listen(): void {
    const { map } = this
    map.touchZoomRotate.disableRotation()
    map.keyboard.disableRotation()
    name(map.getCanvas(), "map.label")
    if (this.config.attribution || this.config.style) {
      map.addControl(
        new AttributionControl({ compact: false, customAttribution: this.config.attribution ?? "" }),
      )
    }
    map.on("style.load", () => {
      this.styled = true
      addLines(map, this.world.lines.values(), this.colours)
      this.redraw()
    })
    map.on("move", () => this.redraw())
    map.on("resize", () => this.redraw())
    map.on("moveend", () => this.world.moved())
    for (const act of ["dragstart", "wheel", "dblclick", "boxzoomstart"] as const) {
      map.on(act, () => {
        this.untouched = false
      })
    }
    map.on("error", (event) => this.failed(event))
    map.on("mousemove", ({ point }) => this.hover(this.dots.hit(point.x, point.y, REACH_PX.mouse)))
    map.on("mouseout", () => this.hover(null))
    map.on("click", ({ point }) => {
      const reach = coarse.matches ? REACH_PX.touch : REACH_PX.mouse
      this.world.select(this.dots.hit(point.x, point.y, reach)?.courier.courier ?? null)
    })
  }

  private hover(entry: Entry | null): void {
    if (entry === this.dots.hovered) return
    this.dots.hovered = entry
    this.map.getCanvas().style.cursor = entry ? "pointer" : ""
    this.draw(performance.now())
  }

  /** Tiles that do not come are told; a style that does not come leaves the grid, and the routes on it. */
  private failed(event: { error: Error; sourceId?: string }): void {
    if (event.sourceId === "routes" || isBlank(this.config)) throw event.error
    this.note.hidden = false
    if (this.config.style && !this.styled) this.map.setStyle(blank(), { diff: false })
  }

  private recolour(): void {
    this.colours = palette()
    this.dots.recolour(this.colours)
    if (this.map.getLayer("tiles")) {
      for (const [property, value] of Object.entries(tilePaint(this.colours.dark))) {
        this.map.setPaintProperty("tiles", property, value)
      }
    }
    const selected =
      this.dots.selected === null ? undefined : this.world.board.entries.get(this.dots.selected)
    paintLines(this.map, this.colours, selected?.courier.route ?? null)
    this.redraw()
  }

  private extent(): Bounds | null {
    const all = { west: 180, south: 90, east: -180, north: -90 }
    const add = (west: number, south: number, east: number, north: number) => {
      all.west = Math.min(all.west, west)
      all.south = Math.min(all.south, south)
      all.east = Math.max(all.east, east)
      all.north = Math.max(all.north, north)
    }
    for (const { bounds } of this.world.lines.values()) {
      add(bounds.west, bounds.south, bounds.east, bounds.north)
    }
    for (const { courier } of this.world.board.entries.values()) {
      const { lat, lon } = courier
      if (lat !== null && lon !== null) add(lon, lat, lon, lat)
    }
    return all.west > all.east ? null : all
  }
}
