/** Elements in one line, and texts that follow the language. */
import { inWords, type Reason } from "../core/reasons"
import { type Key, t } from "../i18n"

type Child = Node | string | null | false
type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>
export type Values = Readonly<Record<string, string | number>>

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, children)
}

function filled<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "")
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, String(value))
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== false))
  return element
}

const SVG = "http://www.w3.org/2000/svg"

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS(SVG, tag), attributes, children)
}

/** Where a bound text goes: the content, or an attribute. */
const PLACES = { text: "data-t", label: "data-t-label", placeholder: "data-t-placeholder" } as const
type Place = keyof typeof PLACES

/** Shows a message in `element` and keeps it in the page's language. */
export function say<E extends Element>(element: E, key: Key, values?: Values, place: Place = "text"): E {
  const bound = values ? `${key} ${JSON.stringify(values)}` : key
  if (element.getAttribute(PLACES[place]) !== bound) element.setAttribute(PLACES[place], bound)
  put(element, place, t(key, values))
  return element
}

/** Shows what the server said, and keeps it in the page's language where that is known. */
export function tell<E extends Element>(element: E, reason: Reason): E {
  attribute(element, "data-said", JSON.stringify(reason))
  const { text, lang } = inWords(reason)
  attribute(element, "lang", lang)
  write(element, text)
  return element
}

/** The accessible name, and the tooltip of what shows no text. */
export function name<E extends Element>(element: E, key: Key, values?: Values): E {
  return say(element, key, values, "label")
}

/** After the language has changed. */
export function retext(root: ParentNode): void {
  for (const place of Object.keys(PLACES) as Place[]) {
    for (const element of root.querySelectorAll(`[${PLACES[place]}]`)) {
      const [key, ...values] = element.getAttribute(PLACES[place])!.split(" ")
      put(element, place, t(key as Key, values.length ? (JSON.parse(values.join(" ")) as Values) : {}))
    }
  }
  for (const element of root.querySelectorAll("[data-said]")) {
    tell(element, JSON.parse(element.getAttribute("data-said")!) as Reason)
  }
}

function put(element: Element, place: Place, text: string): void {
  if (place === "text") write(element, text)
  else if (place === "placeholder") attribute(element, "placeholder", text)
  else {
    attribute(element, "aria-label", text)
    if (element instanceof HTMLButtonElement) attribute(element, "title", text)
  }
}

/** Text content, touched only when it differs: most refreshes change nothing. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

export function attribute(element: Element, attribute: string, value: string | null): void {
  if (value === null) element.removeAttribute(attribute)
  else if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value)
}

export function button(key: Key, look: string, act: () => void, ...children: Child[]): HTMLButtonElement {
  const made = h("button", { type: "button", class: look }, ...children)
  if (children.length) name(made, key)
  else say(made, key)
  made.addEventListener("click", act)
  return made
}
