/** The live page: stream → board → list and map, redrawn ten times a second at most. */
import { Problem } from "./core/api"
import { Board, type Entry } from "./core/board"
import { ServerClock } from "./core/clock"
import type { Config } from "./core/config"
import { browserWorld } from "./core/connect"
import { Routes } from "./core/routes"
import { forget, type Session } from "./core/session"
import { Stream } from "./core/stream"
import { Tasks } from "./core/tasks"
import type { Key } from "./i18n"
import type { MapView } from "./map/view"
import { Card } from "./ui/card"
import { h, say } from "./ui/dom"
import { header } from "./ui/header"
import { LANGUAGE_EVENT } from "./ui/language"
import { Panel } from "./ui/panel"
import { StatusLine } from "./ui/status"

const FRAME_MS = 100
const SECOND_MS = 1_000
/** So many routes are drawn for a fleet with nobody on the road. */
const QUIET_ROUTES = 12
const calm = matchMedia("(prefers-reduced-motion: reduce)")

/** The page; `leave` is called once, with the reason, when the session is over. */
export function watch(config: Config, session: Session, leave: (notice: Key) => void): HTMLElement {
  const over = new AbortController()
  const end = (notice: Key) => {
    if (over.signal.aborted) return
    over.abort()
    stream.stop()
    view?.remove()
    forget()
    leave(notice)
  }
  let view: MapView | null = null
  let selected: string | null = null

  const routes = new Routes(config.apis.tasks, session.token, (line) => {
    if (line) {
      board.relocate(line.route)
      view?.routes()
    }
    panel.again()
  })
  const tasks = new Tasks(config.apis.tasks, session.token, () => card.show(chosen(), board.clock.now()))
  const board = new Board(
    new ServerClock(),
    (route) => routes.line(route),
    () => calm.matches || document.hidden,
  )
  const chosen = (): Entry | null => (selected === null ? null : (board.entries.get(selected) ?? null))
  const select = (courier: string | null) => {
    selected = courier
    const entry = chosen()
    panel.list.select(courier)
    if (courier) panel.list.reveal(courier)
    card.show(entry, board.clock.now())
    view?.select(entry)
  }
  const locate = (courier: string) => {
    const entry = board.entries.get(courier)
    if (entry) view?.focus(entry)
  }
  const card = new Card({
    routeName: (route) => routes.name(route),
    routeLength: (route) => routes.length(route),
    task: (trip) => tasks.of(trip),
    close: () => {
      select(null)
      panel.list.element.focus()
    },
    locate,
  })
  const panel = new Panel({
    board,
    routeName: (route) => routes.name(route),
    place: ({ screen }) => (Number.isNaN(screen.x) ? null : screen),
    choose: (courier) => {
      select(courier)
      locate(courier)
    },
  })
  const status = new StatusLine(() => stream.wake())
  const stream = new Stream(browserWorld(config, session), {
    status: (said) => status.show(said, board.heard),
    update: (rows, at) => board.update(rows, at),
    snapshot: (rows, at, silentAfter) => {
      const first = !board.ready
      board.snapshot(rows, at, silentAfter)
      if (first) void opening()
    },
    bad: () => {}, // the next snapshot mends what was in it
    refused: (error) => end(error instanceof Problem && error.status === 403 ? "signin.refused" : "signin.expired"),
  })

  const opening = async () => {
    await listed
    if (board.entries.size === 0) routes.some(QUIET_ROUTES)
    view?.fit(0)
    panel.again()
  }
  const listed = routes.list().catch((error: unknown) => {
    if (error instanceof Problem && error.status === 401) end("signin.expired")
  })

  const frame = h("main", { class: "map", id: "map" }, status.banner, card.element)
  import("./map/view")
    .then(({ MapView }) => {
      if (over.signal.aborted) return
      view = new MapView(frame, config.map, { board, lines: routes.lines, select })
      if (board.ready) view.fit(0)
    })
    .catch(() => {
      const message = [say(h("h2"), "map.off.title"), say(h("p"), "map.off.next")]
      if (!over.signal.aborted) frame.append(h("div", { class: "empty no-map", role: "alert" }, ...message))
    })

  let drawn = -1
  let second = 0
  let moving = false
  const step = (now: number) => {
    if (over.signal.aborted) return
    const ticked = now - second >= SECOND_MS
    if (ticked) {
      second = now
      board.judge()
      status.tick(board.heard)
      card.show(chosen(), board.clock.now())
    }
    const changed = board.revision !== drawn
    if (changed && selected !== null && !chosen()) select(null)
    if (changed || moving) moving = view?.draw(now) ?? false
    if (changed || moving || ticked) panel.refresh(now)
    if (changed) card.show(chosen(), board.clock.now())
    drawn = board.revision
    setTimeout(() => requestAnimationFrame(step), FRAME_MS - 12)
  }
  requestAnimationFrame(step)

  const { signal } = over
  addEventListener("online", () => stream.wake(), { signal })
  addEventListener("offline", () => status.tick(board.heard), { signal })
  document.addEventListener("visibilitychange", () => document.hidden || stream.wake(), { signal })
  document.addEventListener(LANGUAGE_EVENT, () => {
    panel.again()
    status.tick(board.heard)
    card.show(chosen(), board.clock.now())
    view?.redraw()
  }, { signal })
  const lasts = session.expires_at * 1000 - Date.now()
  const expiry = setTimeout(() => end("signin.expired"), Math.min(Math.max(0, lasts), 2 ** 31 - 1))
  signal.addEventListener("abort", () => clearTimeout(expiry))

  stream.start()
  return h("div", { class: "shell" }, header(session, status.pill, () => end("signin.out")), panel.element, frame)
}
