/** The live map: MapLibre for background and routes, canvases of our own for everything that moves. */
import type { Board, Entry } from "../core/board"
import type { MapConfig } from "../core/config"
import { around, type Bounds, corners, type Line, latitude, longitude } from "../core/geometry"
import { Dots } from "./dots"
import { Ground } from "./ground"
import { addLines, paintLines, SOURCE, setLines } from "./lines"
import { drawPosts } from "./posts"

const CLOSE_ZOOM = 14.5
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
  private readonly ground: Ground

  /** Throws where there is no WebGL. */
  constructor(
    frame: HTMLElement,
    config: MapConfig,
    private readonly world: MapWorld,
  ) {
    this.ground = new Ground(frame, config, {
      texts: { label: "map.label", fit: "map.fit" },
      sources: [SOURCE],
      styled: () => addLines(this.ground.map, world.lines.values(), this.ground.colours),
      draw: () => this.drawn(),
      recolour: () => this.recolour(),
      extent: () => this.extent(),
    })
    this.dots = new Dots(world.board, (route) => world.lines.get(route) ?? null, this.ground.colours)
    this.ground.over.canvas.after(this.dots.surface.canvas)
    this.listen()
    this.redraw()
  }

  /** Moves the dots; after how long there is something to move again [ms]. Routes and grid stay as they are. */
  draw(now: number): number {
    return this.dots.draw(now, this.ground.projection)
  }

  /** Everything, after the map has moved or a text has changed. */
  redraw(): void {
    this.ground.redraw()
  }

  /** A route has arrived. */
  routes(): void {
    setLines(this.ground.map, this.world.lines.values())
    if (this.ground.untouched) this.fit(0)
    else this.redraw()
  }

  select(entry: Entry | null): void {
    this.dots.selected = entry?.courier.courier ?? null
    paintLines(this.ground.map, this.ground.colours, entry?.courier.route ?? null)
    this.draw(performance.now())
  }

  /** After it was out of sight: it must know its size before it flies somewhere. */
  shown(): void {
    this.ground.map.resize()
  }

  /** Brings a courier into the middle, near enough to see its street. */
  focus(entry: Entry): void {
    if (!entry.glide.placed) return
    const { x, y } = entry.glide.spot
    this.ground.focus([longitude(x), latitude(y)], CLOSE_ZOOM)
  }

  /** Everybody and every known route into view. */
  fit(duration?: number): void {
    this.ground.fit(duration)
  }

  remove(): void {
    this.ground.remove()
  }

  private drawn(): void {
    const { over, projection, colours } = this.ground
    drawPosts(over.context, this.world.lines.values(), projection, colours)
    this.draw(performance.now())
  }

  private listen(): void {
    const { map } = this.ground
    map.on("moveend", () => this.world.moved())
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
    this.ground.map.getCanvas().style.cursor = entry ? "pointer" : ""
    this.draw(performance.now())
  }

  private recolour(): void {
    this.dots.recolour(this.ground.colours)
    const selected =
      this.dots.selected === null ? undefined : this.world.board.entries.get(this.dots.selected)
    paintLines(this.ground.map, this.ground.colours, selected?.courier.route ?? null)
  }

  private extent(): Bounds | null {
    const { lines, board } = this.world
    const places = [...lines.values()].flatMap(({ bounds }) => corners(bounds))
    for (const { courier } of board.entries.values()) {
      const { lat, lon } = courier
      if (lat !== null && lon !== null) places.push([lon, lat])
    }
    return around(places)
  }
}
