/** The couriers, drawn over the map on a canvas of their own: the map itself is not repainted for them. */
import type { Board, Entry } from "../core/board"
import type { Line, Spot } from "../core/geometry"
import type { State } from "../core/model"
import { Labels } from "./labels"
import type { Palette } from "./palette"
import type { Projection } from "./projection"
import { Sprites } from "./sprites"
import { Surface } from "./surface"
import { trace } from "./trace"

/** What wants the eye is drawn last, on top. */
const ORDER: readonly State[] = ["finished", "idle", "silent", "on_route", "arrived", "stalled", "off_route"]
const MARGIN = 30
/** Stamps lie on whole pixels: between two steps of the fastest dot there is nothing to redraw [ms]. */
const SOONEST_MS = 100
const LATEST_MS = 1_000
/** Of a crowd, a dot so near to one of its state that it would be hidden is left out [CSS pixels]. */
const HIDDEN_PX = 3
const FEW = 60
const CROWD = 300
const CROWDED_ZOOM = 13
const NARROW_PX = 600

export class Dots {
  readonly surface = new Surface("dots")
  selected: string | null = null
  hovered: Entry | null = null
  /** By the scale they were drawn at. */
  private readonly sprites = new Map<number, Sprites>()
  private readonly buckets = new Map<State, Entry[]>(ORDER.map((state) => [state, []]))
  private readonly foot: Spot = { x: 0, y: 0, heading: 0 }

  constructor(
    private readonly board: Board,
    private readonly line: (route: string) => Line | null,
    private palette: Palette,
  ) {}

  recolour(palette: Palette): void {
    this.palette = palette
    this.sprites.clear()
  }

  /** now: ms, of performance.now. Returns after how long a dot will have moved by a pixel [ms]. */
  draw(now: number, projection: Projection): number {
    const fastest = this.sort(now, projection) * projection.scale
    const context = this.surface.clear(projection.width, projection.height)
    const visible = [...this.buckets.values()].reduce((sum, bucket) => sum + bucket.length, 0)
    const crowded = visible > CROWD && projection.zoom < CROWDED_ZOOM
    const size = crowded ? 0.6 : projection.width < NARROW_PX ? 0.85 : 1
    const selected = this.selected === null ? undefined : this.board.entries.get(this.selected)
    if (selected) this.journey(context, selected, projection)
    for (const entry of this.buckets.get("off_route")!) this.tether(context, entry, projection)
    this.stamps(context, size, crowded)
    this.names(context, visible, selected)
    this.surface.canvas.dataset.dots = String(visible)
    if (fastest === 0) return Number.POSITIVE_INFINITY
    return Math.min(LATEST_MS, Math.max(SOONEST_MS, 1 / (fastest * this.surface.ratio)))
  }

  /** The dot at a point of the screen, the nearest within `reach` pixels. */
  hit(x: number, y: number, reach: number): Entry | null {
    let best: Entry | null = null
    let least = reach * reach
    for (const bucket of this.buckets.values()) {
      for (const entry of bucket) {
        const away = (entry.screen.x - x) ** 2 + (entry.screen.y - y) ** 2
        if (away <= least) [best, least] = [entry, away]
      }
    }
    return best
  }

  private stamps(context: CanvasRenderingContext2D, size: number, crowded: boolean): void {
    const { ratio } = this.surface
    const scale = ratio * size
    const sprites = this.sprites.get(scale) ?? new Sprites(this.palette, scale)
    this.sprites.set(scale, sprites)
    context.setTransform(1, 0, 0, 1, 0, 0)
    const taken = new Set<number>()
    for (const state of ORDER) {
      taken.clear()
      for (const { screen, glide } of this.buckets.get(state)!) {
        if (crowded) {
          const place = Math.round(screen.x / HIDDEN_PX) * 65_536 + Math.round(screen.y / HIDDEN_PX)
          if (taken.has(place)) continue
          taken.add(place)
        }
        sprites.stamp(context, state, glide.spot.heading, screen.x * ratio, screen.y * ratio)
      }
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
  }

  /** Places every dot; the rate of the fastest that is in sight. */
  private sort(now: number, projection: Projection): number {
    for (const bucket of this.buckets.values()) bucket.length = 0
    let fastest = 0
    for (const entry of this.board.entries.values()) {
      const { glide, screen } = entry
      const moving = glide.move(now)
      screen.x = glide.placed ? projection.x(glide.spot.x) : Number.NaN
      screen.y = glide.placed ? projection.y(glide.spot.y) : Number.NaN
      if (!projection.inside(screen.x, screen.y, MARGIN)) continue
      this.buckets.get(entry.shown)!.push(entry)
      if (moving) fastest = Math.max(fastest, glide.rate)
    }
    return fastest
  }

  /** The selected courier's way so far, and a ring around its dot. */
  private journey(
    context: CanvasRenderingContext2D,
    { courier, shown, screen }: Entry,
    projection: Projection,
  ) {
    const line = courier.route === null ? null : this.line(courier.route)
    const colour = this.palette.state[shown]
    context.lineCap = context.lineJoin = "round"
    if (line && courier.along_m !== null) {
      context.strokeStyle = this.palette.accent
      context.lineWidth = 5
      trace(context, line, courier.along_m, projection)
    }
    context.strokeStyle = colour
    context.lineWidth = 2.5
    context.fillStyle = this.palette.surface
    context.globalAlpha = 0.55
    context.beginPath()
    context.arc(screen.x, screen.y, 19, 0, 2 * Math.PI)
    context.fill()
    context.globalAlpha = 1
    context.stroke()
  }

  /** From a courier off its route to where it left it. */
  private tether(
    context: CanvasRenderingContext2D,
    { courier, screen }: Entry,
    projection: Projection,
  ): void {
    const line = courier.route === null ? null : this.line(courier.route)
    if (!line || courier.along_m === null) return
    line.at(courier.along_m, this.foot)
    const [x, y] = [projection.x(this.foot.x), projection.y(this.foot.y)]
    context.strokeStyle = this.palette.state.off_route
    context.lineWidth = 2
    context.setLineDash([2, 5])
    context.beginPath()
    context.moveTo(screen.x, screen.y)
    context.lineTo(x, y)
    context.stroke()
    context.setLineDash([])
    context.fillStyle = this.palette.state.off_route
    context.beginPath()
    context.arc(x, y, 3, 0, 2 * Math.PI)
    context.fill()
  }

  private names(context: CanvasRenderingContext2D, visible: number, selected: Entry | undefined): void {
    const labels = new Labels(context, this.palette)
    for (const entry of new Set([selected, this.hovered])) {
      if (entry) labels.draw(entry.courier.courier, entry.screen.x, entry.screen.y, true)
    }
    const named = visible <= FEW ? [...ORDER].reverse() : (["off_route"] as const)
    for (const state of named) {
      const bucket = this.buckets.get(state)!
      if (bucket.length > FEW) continue
      for (const entry of bucket) {
        if (entry !== selected && entry !== this.hovered) {
          labels.draw(entry.courier.courier, entry.screen.x, entry.screen.y, false)
        }
      }
    }
  }
}
