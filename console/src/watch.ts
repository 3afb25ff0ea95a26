/** The live page: stream → board → list, map and card. */
import { Alerts, type Happening } from "./core/alerts"
import { Problem } from "./core/api"
import { Board, type Entry } from "./core/board"
import { ServerClock } from "./core/clock"
import type { Config } from "./core/config"
import { browserWorld } from "./core/connect"
import { every } from "./core/loop"
import type { Courier } from "./core/model"
import { Routes } from "./core/routes"
import type { Session } from "./core/session"
import { Stream } from "./core/stream"
import { Trips } from "./core/trips"
import type { Key } from "./i18n"
import type { MapView } from "./map/view"
import type { Page } from "./page"
import { Card } from "./ui/card"
import { h, say } from "./ui/dom"
import { Panel } from "./ui/panel"
import { StatusLine } from "./ui/status"

/** So many routes are drawn for a fleet with nobody on the road. */
const QUIET_ROUTES = 12
/** Above so many couriers some update is always there; their dots then begin to move so often [ms]. */
const MANY = 1_000
const MANY_MS = 300
const calm = matchMedia("(prefers-reduced-motion: reduce)")

export class Watch implements Page {
  readonly parts: readonly HTMLElement[]
  readonly status: StatusLine
  private readonly over = new AbortController()
  private readonly frame = h("main", { class: "map", id: "map" })
  private readonly routes: Routes
  private readonly alerts: Alerts
  private readonly trips: Trips
  private readonly board: Board
  private readonly stream: Stream
  private readonly panel: Panel
  private readonly card: Card
  private view: MapView | null = null
  private selected: string | null = null
  /** The courier of the address, until they are on the map. */
  private wanted: string | null = null
  /** Revision of the board that was shown last. */
  private shown = -1
  /** When the dots were drawn, and when to draw them next [ms]. */
  private drawn = 0
  private due = 0
  private inFront = false

  /** `refusal`: the session holds no longer, and why. `told`: what has happened in the fleet.
   * `strayed`: so many are off their route. */
  constructor(
    private readonly config: Config,
    session: Session,
    private readonly refusal: (notice: Key) => void,
    told: (events: readonly Happening[]) => void,
    private readonly strayed: (couriers: number) => void,
  ) {
    const { token } = session
    this.routes = new Routes(config.apis.tasks, token, (route) => this.routeArrived(route))
    this.alerts = new Alerts(config.apis.tasks, token)
    this.trips = new Trips(config.apis.tasks, token, () => this.showCard())
    const still = () => calm.matches || document.hidden
    this.board = new Board(new ServerClock(), (route) => this.routes.line(route), still)
    this.stream = new Stream(browserWorld(config, session), {
      status: (status) => this.status.show(status, this.board.heard),
      update: (rows, at) => this.board.update(rows, at),
      snapshot: (rows, at, silentAfter) => this.snapshot(rows, at, silentAfter),
      happened: (events) => {
        this.alerts.happened(events)
        told(events)
      },
      bad: () => {}, // the next snapshot mends what was in it
      refused: (error) => this.refused(error),
    })
    this.status = new StatusLine(() => this.stream.wake())
    const routeName = (route: string) => this.routes.name(route)
    this.panel = new Panel({
      board: this.board,
      alerts: this.alerts,
      routeName,
      place: ({ screen }) => (Number.isNaN(screen.x) ? null : screen),
      choose: (courier) => {
        this.select(courier)
        this.locate()
      },
    })
    this.card = new Card({
      routeName,
      routeLength: (route) => this.routes.length(route),
      routeStops: (route) => this.routes.lines.get(route)?.stops ?? [],
      trip: (trip) => this.trips.of(trip),
      locate: () => this.locate(),
      close: () => {
        this.select(null)
        this.panel.list.element.focus({ preventScroll: true })
      },
    })
    this.frame.append(this.status.banner)
    this.parts = [this.panel.element, this.card.element, this.frame]
    this.listen()
    void this.openMap()
    void this.nameRoutes()
    this.stream.start()
    every(
      this.over.signal,
      (now) => this.draw(now),
      () => this.tick(),
    )
  }

  /** thing: a courier to show. */
  enter(thing: string | null): void {
    this.inFront = true
    this.wanted = thing
    this.view?.shown()
    this.speak()
    this.find()
  }

  leave(): void {
    this.inFront = false
  }

  /** The page has what happened from its own stream. */
  happened(): void {}

  end(): void {
    this.over.abort()
    this.stream.stop()
    this.view?.remove()
  }

  private refused(error: unknown): void {
    this.refusal(error instanceof Problem && error.status === 403 ? "signin.refused" : "signin.expired")
  }

  private listen(): void {
    const { signal } = this.over
    addEventListener("online", () => this.stream.wake(), { signal })
    addEventListener("offline", () => this.status.tick(this.board.heard), { signal })
    document.addEventListener("visibilitychange", () => document.hidden || this.stream.wake(), { signal })
  }

  private async openMap(): Promise<void> {
    try {
      const { MapView } = await import("./map/view")
      if (this.over.signal.aborted) return
      this.view = new MapView(this.frame, this.config.map, {
        board: this.board,
        lines: this.routes.lines,
        select: (courier) => this.select(courier),
        moved: () => this.panel.list.refresh(),
      })
      this.view.fit(0)
      this.locate()
    } catch (error) {
      const text = [say(h("h2"), "map.off.title"), say(h("p"), "map.off.next")]
      this.frame.append(h("div", { class: "empty no-map", role: "alert" }, ...text))
      if (document.createElement("canvas").getContext("webgl2")) throw error
    }
  }

  private async nameRoutes(): Promise<void> {
    try {
      await this.routes.list()
      if (this.board.ready && this.board.entries.size === 0) this.routes.some(QUIET_ROUTES)
    } catch (error) {
      if (error instanceof Problem && error.status === 401) this.refused(error)
    }
  }

  private routeArrived(route: string | null): void {
    if (route !== null) {
      this.board.relocate(route)
      this.view?.routes()
    }
    this.panel.again()
  }

  private snapshot(rows: Courier[], at: number, silentAfter: number): void {
    const first = !this.board.ready
    this.board.snapshot(rows, at, silentAfter)
    void this.alerts.fetch()
    if (!first) return
    if (rows.length === 0) this.routes.some(QUIET_ROUTES)
    this.view?.fit(0)
    this.panel.again()
    this.find()
  }

  private chosen(): Entry | null {
    return this.selected === null ? null : (this.board.entries.get(this.selected) ?? null)
  }

  private select(courier: string | null): void {
    this.selected = courier
    this.panel.list.select(courier)
    if (courier !== null) this.panel.list.reveal(courier)
    this.view?.select(this.chosen())
    this.showCard()
  }

  private find(): void {
    if (this.wanted === null || !this.board.entries.has(this.wanted)) return
    this.select(this.wanted)
    this.locate()
    this.wanted = null
  }

  private locate(): void {
    const entry = this.chosen()
    if (entry) this.view?.focus(entry)
  }

  private showCard(): void {
    this.card.show(this.chosen(), this.board.clock.now())
  }

  speak(): void {
    this.panel.again()
    this.status.tick(this.board.heard)
    this.showCard()
    this.view?.redraw()
  }

  /** Ten times a second at most. now: ms, of performance.now. */
  private draw(now: number): void {
    if (!this.inFront) return
    const changed = this.board.revision !== this.shown
    this.shown = this.board.revision
    if (changed) this.due = Math.min(this.due, this.drawn + (this.board.entries.size > MANY ? MANY_MS : 0))
    const due = now >= this.due
    if (due) {
      this.drawn = now
      this.due = now + (this.view?.draw(now) ?? Number.POSITIVE_INFINITY)
    }
    if (!changed && !due) return
    if (this.selected !== null && !this.chosen()) this.select(null)
    this.panel.refresh(now)
    this.showCard()
  }

  /** Once a second: ages grow, and silence comes with time alone. */
  private tick(): void {
    this.board.judge()
    this.strayed(this.board.counts.off_route)
    this.status.tick(this.board.heard)
    if (!this.inFront) return
    this.panel.refresh(performance.now())
    this.showCard()
  }
}
