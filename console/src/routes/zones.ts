/** Where a time zone is written, with those that the browser knows to choose from. */
import { h } from "../ui/dom"

let serial = 0

export function zoneInput(): { readonly input: HTMLInputElement; readonly list: HTMLDataListElement } {
  const id = `zones-${++serial}`
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  const zones = [here, ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== here)]
  const list = h("datalist", { id }, ...zones.map((zone) => h("option", { value: zone })))
  const input = h("input", { list: id, maxlength: 60, autocomplete: "off", spellcheck: false })
  return { input, list }
}
