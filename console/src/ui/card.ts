/** Everything about the selected courier. */
import { href } from "../core/address"
import type { Entry } from "../core/board"
import { age } from "../core/model"
import { nextStop, type Stop, SURE, stopAt } from "../core/stops"
import type { Trip } from "../core/trips"
import { ago, distance, hour, type Key, money, percent, span, speed, t } from "../i18n"
import { attribute, button, h, name, say, write } from "./dom"
import { icon, shapeInto, stateIcon } from "./icons"

export interface CardWorld {
  routeName(route: string): string
  routeLength(route: string): number | null
  routeStops(route: string): readonly Stop[]
  trip(trip: string): Trip | null
  close(): void
  locate(): void
}

const FACTS = [
  "route",
  "arrives",
  "stop",
  "next",
  "speed",
  "confidence",
  "offset",
  "age",
  "battery",
  "mock",
  "implausible",
  "deadline",
  "bonus",
  "trip",
] as const
type Fact = (typeof FACTS)[number]

export class Card {
  readonly element: HTMLElement
  private readonly shape = stateIcon("idle")
  private readonly who = h("h2")
  private readonly state = h("span", { class: "state" })
  private readonly help = h("p", { class: "help" })
  private readonly title = h("p", { class: "title" })
  private readonly share = h("b", { class: "share" })
  private readonly fill = h("i")
  private readonly along = h("span")
  private readonly meter: HTMLElement
  /** To the trip's own page. */
  private readonly link = h("a")
  private readonly facts = new Map<Fact, { line: HTMLElement; value: HTMLElement }>()

  constructor(private readonly world: CardWorld) {
    this.meter = h(
      "div",
      { class: "bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 },
      this.fill,
    )
    name(this.meter, "card.progress")
    const list = h("dl")
    for (const fact of FACTS) {
      const value = fact === "trip" ? this.link : h("span")
      const line = h("div", { class: "fact" }, say(h("dt"), `card.${fact}` as Key), h("dd", {}, value))
      this.facts.set(fact, { line, value })
      list.append(line)
    }
    const locate = button("card.locate", "ghost", () => this.world.locate(), icon("target"))
    const close = button("card.close", "ghost", () => this.world.close(), icon("close"))
    this.element = h(
      "section",
      { class: "card", hidden: true },
      h("header", {}, this.shape, h("div", {}, this.who, this.state), locate, close),
      this.help,
      h(
        "div",
        { class: "journey" },
        this.title,
        h("div", { class: "figures" }, this.share, this.along),
        this.meter,
      ),
      list,
    )
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.world.close()
    })
  }

  /** now: server time [s]; null hides the card. */
  show(entry: Entry | null, now: number): void {
    this.element.hidden = entry === null
    if (!entry) return
    const { courier, shown } = entry
    name(this.element, "card.label", { courier: courier.courier })
    attribute(this.element, "data-courier", courier.courier)
    attribute(this.element, "data-state", shown)
    shapeInto(this.shape, shown)
    write(this.who, courier.courier)
    write(this.state, t(`state.${shown}`))
    write(this.help, t(`state.help.${shown}`))
    const since = age(courier, now)
    const trip = courier.trip === null ? null : this.world.trip(courier.trip)
    this.journey(entry, trip)
    const underway = courier.trip !== null && shown !== "finished"
    this.fact("offset", courier.offset_m === null ? null : distance(courier.offset_m))
    this.progress(entry, now)
    this.fact("age", since === null ? t("row.nopos") : ago(since))
    this.fact("mock", courier.mock > 0 ? String(courier.mock) : null)
    this.fact("implausible", courier.implausible > 0 ? String(courier.implausible) : null)
    this.fact("battery", courier.battery === null ? null : percent(courier.battery / 100))
    this.fact("deadline", trip && underway ? left(trip.deadline - now) : null)
    attribute(this.facts.get("deadline")!.line, "data-late", trip && trip.deadline < now ? "" : null)
    this.fact("bonus", trip ? money(trip.bonus.amount, trip.bonus.currency) : null)
    this.fact("trip", courier.trip)
    if (courier.trip !== null) attribute(this.link, "href", href("trips", courier.trip))
  }

  /** What of the way is still ahead. An old speed says nothing, and an arrival that has passed neither. */
  private progress({ courier, shown }: Entry, now: number): void {
    const { arrives_at: at, confidence, speed_mps } = courier
    const left = at === null ? -1 : at - now
    const heard = shown !== "silent"
    this.fact("arrives", left < 0 ? null : t("card.arrivesat", { time: hour(at!), left: span(left) }))
    this.fact("speed", speed_mps === null || !heard ? null : speed(speed_mps))
    const stops = courier.route === null ? [] : this.world.routeStops(courier.route)
    const there = heard ? stopAt(stops, courier) : null
    const next = nextStop(stops, courier)
    const ahead = next && distance(next.along_m - courier.along_m!)
    this.fact("stop", there?.name ?? null)
    this.fact("next", next && t("card.ahead", { stop: next.name, distance: ahead! }))
    const told = confidence !== null && shown !== "finished"
    const sure = told && confidence >= SURE ? "card.sure" : "card.unsure"
    this.fact("confidence", told ? t(sure, { share: percent(confidence) }) : null)
    attribute(this.facts.get("confidence")!.line, "data-late", told && confidence < SURE ? "" : null)
  }

  private journey({ courier }: Entry, trip: Trip | null): void {
    const part = this.title.parentElement!
    part.hidden = courier.route === null
    if (courier.route === null) {
      this.fact("route", null)
      return
    }
    const route = this.world.routeName(courier.route)
    const title = trip?.title ?? route
    write(this.title, title)
    this.fact("route", title === route ? null : route)
    const fraction = courier.fraction ?? 0
    write(this.share, percent(fraction))
    this.fill.style.transform = `scaleX(${fraction})`
    attribute(this.meter, "aria-valuenow", String(Math.floor(fraction * 100)))
    const length = this.world.routeLength(courier.route)
    const along = distance(courier.along_m ?? 0)
    write(this.along, length === null ? along : t("card.of", { along, length: distance(length) }))
  }

  private fact(fact: Fact, value: string | null): void {
    const { line, value: place } = this.facts.get(fact)!
    line.hidden = value === null
    write(place, value ?? "")
  }
}

function left(seconds: number): string {
  return seconds < 0 ? t("card.late", { time: span(-seconds) }) : t("card.left", { time: span(seconds) })
}
