/** The words of what a server refuses: whoever shows a fault takes them from here. */
import { type Fault, saidBy } from "../core/api"
import { h, tell } from "../ui/dom"

/** Why it is one, in the page's language where that is known. `alone`: as a sentence; else it reads on from the
 * field's name. */
export const reasonOf = (fault: Fault, alone: boolean): HTMLElement =>
  tell(h("span"), { ...saidBy(fault), alone })
