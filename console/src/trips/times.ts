/** When a trip was claimed, ridden and due. */
import { href } from "../core/address"
import type { Trip } from "../core/trips"
import { badge, facts, section } from "../desk/parts"
import { moment, span, t } from "../i18n"
import { h, say } from "../ui/dom"

const AHEAD = new Set(["claimed", "started", "paused", "abandoned"])

/** now: Unix seconds. */
export function times(trip: Trip, now: number): HTMLElement {
  const { started_at, finished_at, passed_to } = trip
  const ridden = started_at === null || finished_at === null ? null : finished_at - started_at
  const pairs = facts([
    ["trip.claimed", moment(trip.claimed_at)],
    ["trip.until", trip.state === "claimed" ? moment(trip.start_until) : null],
    ["trip.started", at(started_at)],
    ["trip.paused", at(trip.paused_at)],
    ["trip.proposed", finished_at === null ? at(trip.proposed_at) : null],
    [finished_at !== null && trip.state === "cancelled" ? "trip.over" : "trip.finished", at(finished_at)],
    ["trip.lasted", ridden === null ? null : span(ridden)],
    ["trip.deadline", deadline(trip, now)],
    ["trip.passed", passed_to && say(h("a", { href: href("trips", passed_to) }), "trip.passed.see")],
  ])
  return h("div", { class: "times" }, section("trip.times", pairs))
}

function deadline(trip: Trip, now: number): HTMLElement {
  const end = trip.finished_at ?? (AHEAD.has(trip.state) ? now : null)
  const late = end === null ? 0 : end - trip.deadline
  const mark = late > 0 ? badge("bad", t("card.late", { time: span(late) })) : ""
  return h("span", { class: "marked" }, mark, moment(trip.deadline))
}

const at = (seconds: number | null): string | null => (seconds === null ? null : moment(seconds))
