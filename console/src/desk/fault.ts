/** The words of what a server refuses: whoever shows a fault takes them from here. */
import type { Fault } from "../core/api"
import { h } from "../ui/dom"

/** Why it is one. `alone`: as a sentence; else it reads on from the field's name. */
export const reasonOf = (fault: Fault, alone: boolean): HTMLElement =>
  h("span", { lang: "en" }, alone ? sentence(fault.reason) : fault.reason)

/** "must be …" becomes "Must be … ." */
function sentence(reason: string): string {
  const whole = `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`
  return /[.!?]$/.test(whole) ? whole : `${whole}.`
}
