/** What sheets are made of. */
import type { Key } from "../i18n"
import { h, say } from "../ui/dom"

type Content = Node | string

/** What it is, and what can be done with it. */
export function head(title: Content, under: readonly Content[], actions: readonly Node[]): HTMLElement {
  return h(
    "header",
    { class: "sheet-head" },
    h("div", {}, h("h2", {}, title), h("p", { class: "quiet" }, ...under)),
    h("div", { class: "actions" }, ...actions),
  )
}

export function section(title: Key, ...children: readonly (Content | null | false)[]): HTMLElement {
  return h("section", { class: "part" }, say(h("h3"), title), ...children)
}

/** Pairs of a name and a value; those without a value are left out. */
export function facts(pairs: readonly (readonly [Key, Content | null])[]): HTMLElement {
  const lines = pairs.flatMap(([key, value]) =>
    value === null ? [] : [h("div", { class: "fact" }, say(h("dt"), key), h("dd", {}, value))],
  )
  return h("dl", { class: "facts" }, ...lines)
}

/** A table with a row header; columns named in `amounts` hold figures. */
export function table(
  columns: readonly Key[],
  rows: readonly (readonly Content[])[],
  amounts: readonly Key[] = [],
): HTMLElement {
  const figure = columns.map((key) => amounts.includes(key))
  const cell = (content: Content, i: number) =>
    i === 0 ? h("th", { scope: "row" }, content) : h("td", { class: figure[i] ? "figure" : null }, content)
  const heads = columns.map((key, i) =>
    say(h("th", { scope: "col", class: figure[i] ? "figure" : null }), key),
  )
  return h(
    "div",
    { class: "scroll", tabindex: 0 },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, ...heads)),
      h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map(cell)))),
    ),
  )
}

/** A word in a pill, such as a state. */
export const badge = (kind: string, text: string): HTMLElement =>
  h("span", { class: "badge", "data-kind": kind }, text)
