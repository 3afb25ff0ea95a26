/** What of the routes is open, as the address says it: `lap@2`, the draft `lap`, or a form. */
import { isName } from "../core/names"

export type Act = "import" | "draw"
export type Thing =
  | { readonly kind: "nothing" }
  | { readonly kind: "version"; readonly route: string }
  | { readonly kind: "draft"; readonly id: string }
  /** `id`: whose draft it is to be; null while nobody has said. */
  | { readonly kind: Act; readonly id: string | null }

const ACTS: readonly Act[] = ["import", "draw"]
/** No name has it. */
const MARK = "~"

export function parseThing(said: string | null): Thing {
  if (said === null) return { kind: "nothing" }
  const [id = "", act] = said.split(MARK)
  const known = ACTS.find((name) => name === act)
  if (known) return { kind: known, id: isName(id) ? id : null }
  return said.includes("@") ? { kind: "version", route: said } : { kind: "draft", id: said }
}

/** Of the field for it. */
export const ID_LOOK = {
  hint: "routes.id.hint",
  attributes: { maxlength: 48, spellcheck: "false", class: "code" },
} as const

/** Of a form, for the address. */
export const form = (act: Act, id: string | null = null): string => `${id ?? ""}${MARK}${act}`

/** `lap@2` in its parts. */
export function version(route: string): { readonly id: string; readonly version: number } {
  const [id = "", number] = route.split("@")
  return { id, version: Number(number) }
}

/** An id from what people call a file or a route; "" where nothing of it can be one. */
export function idOf(name: string): string {
  return name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 48)
}
