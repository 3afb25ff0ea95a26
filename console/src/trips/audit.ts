/** All that was done with a trip, as a timeline. */
import { href } from "../core/address"
import { section } from "../desk/parts"
import { moment } from "../i18n"
import { h } from "../ui/dom"
import { actionWord, remark, who } from "./said"
import type { AuditLine } from "./trips"

/** The newest first. */
export function auditSection(lines: readonly AuditLine[]): HTMLElement {
  return section("trip.audit", h("ol", { class: "timeline", reversed: true }, ...lines.map(item).reverse()))
}

function item(line: AuditLine): HTMLElement {
  const { text, payout } = remark(line)
  const note = payout ? h("a", { href: href("payouts", text) }, text) : text
  return h(
    "li",
    { "data-action": line.action, "data-role": line.role },
    h(
      "p",
      { class: "between" },
      h("b", {}, actionWord(line.action)),
      h("time", { datetime: new Date(line.at * 1000).toISOString() }, moment(line.at)),
    ),
    h("p", { class: "quiet" }, who(line)),
    text !== "" && h("p", { class: "note" }, note),
  )
}
