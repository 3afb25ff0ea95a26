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
const ORDER: readonly State[] = ["finished", "idle", "silent", "on_route", "stalled", "off_route"]
const MARGIN = 30
const FEW = 60
const CROWD = 300
const NARROW_PX = 600

export class Dots {
  readonly surface = new Surface("dots")
  selected: string | null = null
  hovered: Entry | null = null
  private sprites: Sprites
  private readonly buckets = new Map<State, Entry[]>(ORDER.map((state) => [state, []]))
  private readonly foot: Spot = { x: 0, y: 0, heading: 0 }

  constructor(
    private readonly board: Board,
    private readonly line: (route: string) => Line | null,
    private palette: Palette,
  ) {
    this.sprites = new Sprites(palette, 2)
  }

  recolour(palette: Palette): void {
    this.palette = palette
    this.sprites = new Sprites(palette, 2)
  }

  /** now: ms, of performance.now. True while a dot is still gliding. */
  draw(now: number, projection: Projection): boolean {
    const moving = this.sort(now, projection)
    const context = this.surface.clear(projection.width, projection.height)
    const visible = [...this.buckets.values()].reduce((sum, bucket) => sum + bucket.length, 0)
    const size = visible > CROWD && projection.zoom < 13 ? 0.6 : projection.width < NARROW_PX ? 0.85 : 1
    const selected = this.selected === null ? undefined : this.board.entries.get(this.selected)
    if (selected) this.journey(context, selected, projection)
    for (const entry of this.buckets.get("off_route")!) this.tether(context, entry, projection)
    for (const state of ORDER) {
      for (const { screen, glide } of this.buckets.get(state)!) {
        this.sprites.stamp(context, state, glide.spot.heading, screen.x, screen.y, size)
      }
    }
    this.names(context, visible, selected)
    this.surface.canvas.dataset.dots = String(visible)
    return moving
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

  private sort(now: number, projection: Projection): boolean {
    for (const bucket of this.buckets.values()) bucket.length = 0
    let moving = false
    for (const entry of this.board.entries.values()) {
      const { glide, screen } = entry
      if (glide.move(now)) moving = true
      screen.x = glide.placed ? projection.x(glide.spot.x) : Number.NaN
      screen.y = glide.placed ? projection.y(glide.spot.y) : Number.NaN
      if (projection.inside(screen.x, screen.y, MARGIN)) this.buckets.get(entry.shown)!.push(entry)
    }
    return moving
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
