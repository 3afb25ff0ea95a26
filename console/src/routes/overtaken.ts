/** What to do when somebody else was faster with a draft. */
import { href } from "../core/address"
import { Problem } from "../core/api"
import type { Sheet } from "../desk/sheet"
import { h, say } from "../ui/dom"

/** The revision that stands, null for none; undefined for what is something else. */
export function standing(error: unknown): number | null | undefined {
  if (!(error instanceof Problem) || (error.status !== 409 && error.status !== 412)) return undefined
  const { revision } = error.said
  return typeof revision === "number" || revision === null ? revision : undefined
}

/** Tells of it at the top, with what can be done: `put` sends it again over that revision. `seen`: mine. */
export function tellOvertaken(
  sheet: Sheet,
  route: string,
  seen: number | null,
  now: number | null,
  put: (revision: number | null) => Promise<void>,
): void {
  const gone = now === null
  const text = gone ? "routes.overtaken.gone" : seen === null ? "routes.overtaken.exists" : "routes.overtaken"
  const look = say(h("a", { class: "small", href: href("routes", route) }), "routes.overtaken.look")
  const again = sheet.act(gone ? "routes.overtaken.new" : "routes.overtaken.put", "small", () => put(now))
  sheet.show(
    "error",
    h(
      "div",
      { class: "because" },
      say(h("p"), text, gone ? { route } : { route, revision: now }),
      h("div", { class: "actions" }, !gone && look, again),
    ),
  )
}
