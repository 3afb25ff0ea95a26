/** Why something did not work: what the server says, where it answered. */
import { Problem, saidBy, Unreachable } from "../core/api"
import { h, say, tell } from "../ui/dom"
import { reasonOf } from "./fault"

/** Throws what is no answer of a server: that is a fault of this page. */
export function because(error: unknown): HTMLElement {
  if (error instanceof Unreachable) return say(h("p"), "desk.unreachable")
  if (!(error instanceof Problem)) throw error
  const faults = error.faults.map((fault) =>
    h("li", {}, h("code", {}, fault.field || "·"), " ", reasonOf(fault, false)),
  )
  return h(
    "div",
    { class: "because" },
    tell(h("p"), saidBy(error)),
    // Whose sentence says its one fault already.
    faults.length > 0 && error.said.code !== "wrong-field" && h("ul", {}, ...faults),
  )
}
