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
  const pays = money(trip.bonus.amount, trip.bonus.currency)
  const pictured = trip.photos > 0 || trip.photos_there > 0
  const rows = [
    h("span", { class: "between" }, h("b", { class: "clip" }, trip.title), stateBadge(trip.state)),
    h(
      "span",
      { class: "between quiet" },
      h("span", { class: "clip" }, `${trip.courier} · ${pays}`),
      moment(when),
    ),
  ]
  if (!pictured && !trip.changed_since_approval) return rows
  const photos = h("span", { class: missing(trip) ? "alarm" : null }, pictured ? photosOf(trip) : "")
  const newer = trip.changed_since_approval && badge("warn", t("trip.row.newer"))
  return [...rows, h("span", { class: "between quiet" }, photos, newer)]
}

/** How many of the photos that it needs are there. */
export function photosOf({ photos, photos_there }: Trip): string {
  if (photos_there > photos) return t("trip.row.extra", { there: photos_there })
  return t("trip.row.photos", { there: photos_there, needed: photos })
}

const missing = ({ photos, photos_there }: Trip): boolean => photos_there < photos
