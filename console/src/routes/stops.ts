/** A route's stops as a table. */
import { section, table } from "../desk/parts"
import { distance, span, t } from "../i18n"
import { h, say } from "../ui/dom"
import type { Stop } from "./routes"

type Shown = Stop & { readonly along_m: number | null; readonly arrives_s?: number | null }

export function stopsTable(stops: readonly Shown[]): HTMLElement {
  if (stops.length === 0) return section("routes.stops", say(h("p", { class: "quiet" }), "routes.stops.none"))
  const timed = stops.some(({ arrives_s }) => arrives_s !== undefined)
  const rows = stops.map(({ name, along_m, arrives_s, radius_m, opens, closes }, i) => [
    `${i + 1}. ${name}`,
    along_m === null ? h("span", { class: "bad" }, t("routes.offline")) : distance(along_m),
    ...(timed ? [arrives_s === null || arrives_s === undefined ? "" : after(arrives_s)] : []),
    distance(radius_m),
    opens && closes ? t("routes.hours.range", { opens, closes }) : t("routes.hours.always"),
  ])
  const arrives = timed ? (["routes.arrives"] as const) : []
  const amounts = ["routes.along", ...arrives, "routes.radius"] as const
  return section(
    "routes.stops",
    table(["routes.stop", "routes.along", ...arrives, "routes.radius", "routes.hours"], rows, amounts),
  )
}

/** A span [s] to the nearest minute. */
export const after = (seconds: number): string => span(Math.round(seconds / 60) * 60)
