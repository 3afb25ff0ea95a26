/** A trip in the list. */
import type { Trip, TripState } from "../core/trips"
import { badge } from "../desk/parts"
import { moment, money, t } from "../i18n"
import { h } from "../ui/dom"
import { stateWord } from "./said"

const LOOKS: Readonly<Partial<Record<TripState, string>>> = {
  settled: "warn",
  approved: "good",
  paid: "good",
  abandoned: "bad",
}

export const stateBadge = (state: TripState): HTMLElement => badge(LOOKS[state] ?? "", stateWord(state))

export function tripRow(trip: Trip): Node[] {
  const when = trip.finished_at ?? trip.started_at ?? trip.claimed_at
  const needed = trip.photos > 0 || trip.photos_there > 0
  return [
    h("span", { class: "between" }, h("b", { class: "cut" }, trip.title), stateBadge(trip.state)),
    h("span", { class: "between quiet" }, h("span", { class: "cut" }, trip.courier), moment(when)),
    h(
      "span",
      { class: "between quiet" },
      h("span", {}, money(trip.bonus.amount, trip.bonus.currency)),
      trip.changed_since_approval && badge("warn", t("trip.row.newer")),
      needed && h("span", { class: missing(trip) ? "alarm" : null }, photosOf(trip)),
    ),
  ]
}

/** How many of the photos that it needs are there. */
export function photosOf({ photos, photos_there }: Trip): string {
  if (photos === 0) return t("trip.row.extra", { there: photos_there })
  return t("trip.row.photos", { there: photos_there, needed: photos })
}

const missing = ({ photos, photos_there }: Trip): boolean => photos_there < photos
