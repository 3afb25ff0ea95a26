/** How a trip was ridden: a picture, its progress, and what its record counts. */
import { Problem, Unreachable } from "../core/api"
import type { Desk } from "../core/desk"
import type { Line } from "../core/geometry"
import type { Trip } from "../core/trips"
import { facts, section } from "../desk/parts"
import { distance, type Key, number, percent, span, speed, t } from "../i18n"
import { h, name, say } from "../ui/dom"
import { sketch } from "./sketch"
import { line, type Ping, type Settled, type Standing, standing, track } from "./track"

export class Ride {
  readonly element = section("trip.ride")
  private readonly picture = h("div", { class: "sketch-frame" })
  private readonly told = h("div", { class: "ride" })
  private standing: Standing | null = null
  private line: Line | null = null
  private pings: readonly Ping[] = []

  constructor(
    private readonly desk: Desk,
    private readonly pipeline: Desk,
    private readonly over: AbortSignal,
  ) {
    this.element.append(this.picture, this.told)
  }

  /** Positions have come that no record knows yet. */
  get settling(): boolean {
    return this.standing?.settling ?? false
  }

  /** Until the record has come. What was drawn stays until there is something newer, which is drawn when it is
   * there. */
  async show(trip: Trip): Promise<void> {
    this.element.hidden = trip.started_at === null
    if (trip.started_at === null) return
    const found = await standing(this.pipeline, trip.trip, this.over)
    if (found === null) {
      if (!this.standing) this.picture.replaceChildren(say(h("p"), "trip.ride.off"))
      return
    }
    this.standing = found
    this.speak()
    void this.redraw(trip)
  }

  private async redraw(trip: Trip): Promise<void> {
    try {
      const [found, pings] = await Promise.all([
        this.line ?? line(this.desk, trip.route, this.over),
        track(this.pipeline, trip.trip, this.over),
      ])
      this.line = found
      this.pings = pings
      this.draw()
    } catch (error) {
      if (!(error instanceof Problem || error instanceof Unreachable)) throw error
      if (!this.line && !this.over.aborted) this.picture.replaceChildren(say(h("p"), "trip.ride.off"))
    }
  }

  /** After a change of language. */
  speak(): void {
    if (!this.standing) return
    const { settled } = this.standing
    const share = this.share()
    const fill = h("i")
    fill.style.transform = `scaleX(${share ?? 0})`
    const said = say(h("span", { class: "quiet" }), settled ? "trip.ride.covered" : "trip.ride.progress")
    const told = [
      h("p", { class: "between" }, said, h("b", {}, percent(share ?? 0))),
      h("span", { class: "bar", "aria-hidden": "true" }, fill),
    ]
    // Between its end and its record nobody knows how much was ridden.
    this.told.replaceChildren(...(share === null ? [] : told), settled ? facts(counted(settled)) : "")
    this.draw()
  }

  /** How much of the route is ridden, 0..1. */
  private share(): number | null {
    const { settled, progress } = this.standing ?? {}
    return settled?.progress.covered ?? progress?.fraction ?? null
  }

  private draw(): void {
    const { line, pings, standing } = this
    if (!line || !standing) return
    const legend = (look: string, key: Key) => h("li", { class: look }, say(h("span"), key))
    this.picture.setAttribute("role", "img")
    name(this.picture, "trip.ride.picture", { share: percent(this.share() ?? 0) })
    this.picture.replaceChildren(sketch(line, pings, standing))
    const keys = [
      legend("sketch-route", "trip.ride.route"),
      legend("sketch-done", "trip.ride.done"),
      legend("sketch-track", "trip.ride.track"),
      ...(standing.settled?.off_route.incidents.length ? [legend("sketch-off", "trip.ride.left")] : []),
    ]
    this.element.querySelector(".legend")?.remove()
    this.picture.after(h("ul", { class: "legend", "aria-hidden": "true" }, ...keys))
  }
}

/** What a manager judges by; what is as it should be is left out. */
function counted(settled: Settled): [Key, string | null][] {
  const { off_route, quality, stops } = settled
  const left = { n: number(off_route.count), length: distance(off_route.length_m) }
  const at = { n: stops.filter(({ visited }) => visited).length, of: stops.length }
  const count = (value: number) => (value > 0 ? number(value) : null)
  return [
    ["trip.ride.distance", distance(settled.distance_m)],
    ["trip.ride.moving", span(settled.moving_s)],
    ["trip.ride.average", settled.average_mps === null ? null : speed(settled.average_mps)],
    ["trip.ride.stops", stops.length > 0 ? t("trip.ride.stops.of", at) : null],
    ["trip.ride.left", off_route.count > 0 ? t("trip.ride.left.of", left) : null],
    ["trip.ride.pings", number(quality.pings)],
    ["trip.ride.gap", quality.longest_gap_s > 60 ? span(quality.longest_gap_s) : null],
    ["card.mock", count(quality.mock.count)],
    ["card.implausible", count(quality.implausible.count)],
  ]
}
