/** Why something did not work, in the server's own words where there are some. */
import { Problem, Unreachable } from "../core/api"
import { h, say } from "../ui/dom"
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
    h("p", {}, error.message),
    faults.length > 0 && h("ul", {}, ...faults),
  )
}
