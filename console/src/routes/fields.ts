/** Fields that both the import and the editor have. */
import { h } from "../ui/dom"

export const ID_LOOK = {
  hint: "routes.id.hint",
  attributes: { maxlength: 48, spellcheck: "false", class: "code" },
} as const

let serial = 0

/** The time zones that the browser knows, its own first, to choose from. */
export function zones(): HTMLDataListElement {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  const all = [here, ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== here)]
  return h("datalist", { id: `zones-${++serial}` }, ...all.map((zone) => h("option", { value: zone })))
}
