/** A MapLibre map with what every map of the console has: the grid under it, controls, a scale, attribution. */
import { AttributionControl, Map as MapLibre, setWorkerUrl } from "maplibre-gl/dist/maplibre-gl-csp.js"
import type { MapConfig } from "../core/config"
import { type Bounds, mercatorX, mercatorY } from "../core/geometry"
import type { Key } from "../i18n"
import { h, name, say } from "../ui/dom"
import { background, blank, isBlank, tilePaint } from "./background"
import { controls, ScaleBar } from "./controls"
import { drawGrid } from "./grid"
import { onTheme, palette } from "./palette"
import { Projection } from "./projection"
import { Surface } from "./surface"

setWorkerUrl(new URL(MAPLIBRE_WORKER, document.baseURI).href)

const CONTROLS_PX = 40
const CLOSEST_FIT = 16

export interface GroundWorld {
  /** What a person who cannot see the map is told of it, and what the button that shows everything says. */
  readonly texts: { readonly label: Key; readonly fit: Key }
  /** Sources of the map's own layers: an error of one is a fault of this page. */
  readonly sources: readonly string[]
  /** A style is there: the map's own layers go on it. */
  styled(): void
  /** The map has moved, or texts or colours have changed; `projection` and `colours` are up to date. */
  draw(): void
  /** The theme has changed; `draw` follows. */
  recolour(): void
  /** What `fit` brings into view; null for nothing. */
  extent(): Bounds | null
  /** What covers the map's upper edge [CSS pixels]. */
  roof?(): number
}

export class Ground {
  readonly map: MapLibre
  readonly projection = new Projection()
  /** Covers the map; for what `draw` draws. */
  readonly over = new Surface("over")
  colours = palette()
  /** The first style is there: layers may be added. */
  readonly ready: Promise<void>
  /** True until the person moves the map. */
  untouched = true
  private readonly under = new Surface("under")
  private readonly scale = new ScaleBar()
  private readonly note = say(h("p", { class: "map-note", hidden: true }), "map.tiles")
  private readonly parts: readonly Element[]
  private readonly offTheme: () => void
  private styled = false

  /** Throws where there is no WebGL. `redraw` once all is there that `world` draws. */
  constructor(
    frame: HTMLElement,
    private readonly config: MapConfig,
    private readonly world: GroundWorld,
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
    const zoom = controls(
      () => this.map.zoomIn(),
      () => this.map.zoomOut(),
      world.texts.fit,
      () => this.fit(),
    )
    place.after(this.over.canvas)
    frame.append(zoom, this.scale.element, this.note)
    this.parts = [this.under.canvas, place, this.over.canvas, zoom, this.scale.element, this.note]
    this.ready = new Promise((resolve) => void this.map.once("style.load", () => resolve()))
    this.offTheme = onTheme(() => this.recolour())
    this.listen()
  }

  /** Everything, after the map has moved or a text has changed. */
  redraw(): void {
    const { projection } = this
    const { lng, lat } = this.map.getCenter()
    const { clientWidth, clientHeight } = this.map.getContainer()
    projection.set(mercatorX(lng), mercatorY(lat), this.map.getZoom(), clientWidth, clientHeight)
    drawGrid(this.under.clear(clientWidth, clientHeight), projection, this.colours)
    this.over.clear(clientWidth, clientHeight)
    this.scale.show(projection)
    this.world.draw()
  }

  /** Brings a place into the middle, near enough to see its street. */
  focus(center: [number, number], zoom: number): void {
    this.untouched = false
    this.map.flyTo({ center, zoom: Math.max(this.map.getZoom(), zoom), duration: 900 })
  }

  /** All there is into view, or what is asked for. */
  fit(duration = 700, all: Bounds | null = this.world.extent()): void {
    if (!all) return
    const { clientWidth, clientHeight } = this.map.getContainer()
    const edge = Math.min(64, clientWidth / 12, clientHeight / 8)
    const top = edge + (this.world.roof?.() ?? 0)
    const padding = { top, bottom: edge, left: edge, right: edge + CONTROLS_PX }
    const corners: [[number, number], [number, number]] = [
      [all.west, all.south],
      [all.east, all.north],
    ]
    this.map.fitBounds(corners, { padding, duration, maxZoom: CLOSEST_FIT })
  }

  /** Gives its WebGL context back. */
  remove(): void {
    this.offTheme()
    this.map.remove()
    for (const part of this.parts) part.remove()
  }

  private listen(): void {
    const { map } = this
    map.touchZoomRotate.disableRotation()
    map.keyboard.disableRotation()
    name(map.getCanvas(), this.world.texts.label)
    if (this.config.attribution || this.config.style) {
      map.addControl(
        new AttributionControl({ compact: false, customAttribution: this.config.attribution ?? "" }),
      )
    }
    map.on("style.load", () => {
      this.styled = true
      this.world.styled()
      this.redraw()
    })
    map.on("move", () => this.redraw())
    map.on("resize", () => this.redraw())
    for (const act of ["dragstart", "wheel", "dblclick", "boxzoomstart"] as const) {
      map.on(act, () => {
        this.untouched = false
      })
    }
    map.on("error", (event) => this.failed(event))
  }

  /** Tiles that do not come are told; a style that does not come leaves the grid, and what lies on it. */
  private failed(event: { error: Error; sourceId?: string }): void {
    if (this.world.sources.includes(event.sourceId ?? "") || isBlank(this.config)) throw event.error
    this.note.hidden = false
    if (this.config.style && !this.styled) this.map.setStyle(blank(), { diff: false })
  }

  private recolour(): void {
    this.colours = palette()
    if (this.map.getLayer("tiles")) {
      for (const [property, value] of Object.entries(tilePaint(this.colours.dark))) {
        this.map.setPaintProperty("tiles", property, value)
      }
    }
    this.world.recolour()
    this.redraw()
  }
}
