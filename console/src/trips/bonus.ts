/** What a trip pays, line by line, and what became of it. */
import { href } from "../core/address"
import type { Trip } from "../core/trips"
import { facts, section, table } from "../desk/parts"
import { type Key, moment, money, number, t } from "../i18n"
import { h, say } from "../ui/dom"
import { less } from "./exact"
import { ruleWord, why } from "./said"
import type { Bonus, Calculation } from "./trips"

/** `settling`: pings have come that no record knows yet. */
export function bonusSection(trip: Trip, bonus: Bonus, settling: boolean): HTMLElement {
  const { calculation, newer, rejected, payout } = bonus
  return section(
    "trip.bonus",
    settling && notice("trip.settling"),
    rejected && takenBack(rejected),
    newer && calculation && changed(newer, calculation, payout !== null),
    calculation ? reckoned(calculation, newer) : agreed(trip),
    payout && paid(payout),
  )
}

function agreed({ bonus, state }: Trip): HTMLElement {
  const none = ["released", "cancelled", "expired"].includes(state)
  const values = { amount: money(bonus.amount, bonus.currency) }
  return h("p", { class: "quiet" }, t(none ? "trip.bonus.none" : "trip.bonus.later", values))
}

/** Beside a newer one, each with its name. */
function reckoned(calculation: Calculation, newer: Calculation | null): HTMLElement {
  if (newer === null) return lines(calculation)
  return h(
    "div",
    { class: "beside" },
    h("div", {}, say(h("h4"), "trip.newer.approved"), lines(calculation)),
    h("div", {}, say(h("h4"), "trip.newer"), lines(newer)),
  )
}

/** The lines as a table, and what they add up to. */
export function breakdown(
  { lines, total }: Pick<Calculation, "lines" | "total">,
  currency: string,
): HTMLElement {
  const rows = lines.map((line) => [ruleWord(line.rule), why(line, currency), money(line.amount, currency)])
  const shown = table(["bonus.rule", "bonus.why", "bonus.amount"], rows, ["bonus.amount"])
  const sum = h(
    "tr",
    {},
    say(h("th", { scope: "row", colspan: 2 }), "bonus.total"),
    h("td", { class: "figure" }, money(total, currency)),
  )
  shown.querySelector("table")!.append(h("tfoot", {}, sum))
  return shown
}

function lines(made: Calculation): HTMLElement {
  const { currency, facts: known } = made
  const late = known.deadline !== null && known.finished_at > known.deadline
  const same = h("span", { class: made.reproduced ? null : "alarm" })
  return h(
    "div",
    { class: "reckoning", "data-revision": made.revision },
    breakdown(made, currency),
    h(
      "details",
      {},
      say(h("summary"), "bonus.facts"),
      facts([
        ["bonus.covered", `${known.covered_percent} %`],
        ["bonus.offroute", `${number(known.off_route_m)} m`],
        ["trip.finished", moment(known.finished_at)],
        ["trip.deadline", known.deadline === null ? null : moment(known.deadline)],
        ["bonus.ontime", t(late ? "bonus.no" : "bonus.yes")],
        ["bonus.revision", t("bonus.revision.of", { n: made.revision, at: moment(made.made_at) })],
        ["bonus.record", h("code", { title: known.record }, known.record.slice(0, 12))],
        ["bonus.reproduced", say(same, made.reproduced ? "bonus.yes" : "bonus.reproduced.no")],
      ]),
    ),
  )
}

function changed(newer: Calculation, than: Calculation, paid: boolean): HTMLElement {
  const found = less(newer.total, than.total)
  if (/^[-0.]+$/.test(found)) return notice("trip.newer.same")
  const change = `${found.startsWith("-") ? "" : "+"}${money(found, newer.currency)}`
  return notice(paid ? "trip.newer.paid" : "trip.newer.is", { change })
}

function takenBack({ by, at, note }: NonNullable<Bonus["rejected"]>): HTMLElement {
  return h(
    "div",
    { class: "notice", "data-kind": "info" },
    say(h("p"), "trip.rejected", { by, at: moment(at) }),
    h("p", {}, note),
  )
}

function paid(payout: string): HTMLElement {
  return h("p", {}, say(h("a", { href: href("payouts", payout) }), "trip.payout"))
}

const notice = (key: Key, values?: Readonly<Record<string, string>>): HTMLElement =>
  h("div", { class: "notice", "data-kind": "info" }, say(h("p"), key, values))
