/** The words of what a server refuses: whoever shows a fault takes them from here. */
import { type Fault, saidBy } from "../core/api"
import { h, tell } from "../ui/dom"

/** Why it is one, in the page's language where that is known. `alone`: as a sentence; else it reads on from the
 * field's name. */
export function reasonOf(fault: Fault, alone: boolean): HTMLElement {
  const said = saidBy(fault)
  return tell(h("span"), alone ? { ...said, text: sentence(said.text) } : said)
}

/** "must be …" becomes "Must be … ." */
function sentence(reason: string): string {
  const whole = `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`
  return /[.!?]$/.test(whole) ? whole : `${whole}.`
}
