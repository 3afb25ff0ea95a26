/** What the list shows of a version and of a draft. */
import { badge } from "../desk/parts"
import { ago, distance, t } from "../i18n"
import { h } from "../ui/dom"
import type { Draft, Version } from "./routes"
import { version } from "./thing"

export type Item = (Version & { readonly older: boolean }) | Draft

export function row(item: Item): readonly Node[] {
  if (item.state === "draft") return ofDraft(item)
  const length = h("span", { class: "quiet" }, distance(item.length_m))
  if (item.older) {
    const n = version(item.route).version
    return [
      h(
        "span",
        { class: "between older" },
        h("span", { class: "quiet" }, t("routes.version", { n })),
        length,
      ),
    ]
  }
  return [
    h("span", { class: "between" }, h("b", {}, item.name), length),
    h("span", { class: "quiet" }, item.route),
  ]
}

function ofDraft({ name, route, length_m, changed_by: by, changed_at }: Draft): readonly Node[] {
  const length =
    length_m === null
      ? badge("bad", t("routes.row.broken"))
      : h("span", { class: "quiet" }, distance(length_m))
  const when = ago(Math.max(0, Date.now() / 1000 - changed_at))
  return [
    h("span", { class: "between" }, h("b", {}, name), length),
    h(
      "span",
      { class: "between quiet" },
      h("span", {}, route),
      h("span", {}, t("routes.row.draft", { by, when })),
    ),
  ]
}
