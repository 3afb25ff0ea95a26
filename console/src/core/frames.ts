/** Messages of the live stream, and snapshots put together from their parts. */
import type { Happening } from "./alerts"
import { BadFrame, decode } from "./columns"
import { type Courier, SILENT_AFTER_S } from "./model"

export interface Update {
  readonly type: "update"
  readonly at: number
  readonly couriers: Courier[]
}
export interface Part {
  readonly type: "snapshot"
  readonly id: string
  readonly part: number
  readonly parts: number
  readonly at: number
  readonly silentAfter: number
  readonly couriers: Courier[]
}
export type Frame =
  | Update
  | Part
  | { readonly type: "subscribed" }
  | { readonly type: "events"; readonly events: readonly Happening[] }
  | { readonly type: "unknown" }
  | { readonly type: "error"; detail: string }

/** Throws BadFrame. */
export function parse(text: string): Frame {
  const said = object(text)
  switch (said.type) {
    case "subscribed":
      return { type: "subscribed" }
    case "update":
      return { type: "update", at: count(said, "at"), couriers: decode(said.couriers) }
    case "snapshot":
      return {
        type: "snapshot",
        id: String(said.id),
        part: count(said, "part"),
        parts: count(said, "parts"),
        at: count(said, "at"),
        silentAfter: typeof said.silent_after_s === "number" ? said.silent_after_s : SILENT_AFTER_S,
        couriers: decode(said.couriers),
      }
    case "events":
      if (!Array.isArray(said.events)) throw new BadFrame("events is not a list")
      return { type: "events", events: said.events.filter(isHappening) }
    case "error": {
      const problem = said.problem as { detail?: unknown } | undefined
      return { type: "error", detail: String(problem?.detail ?? "") }
    }
    default:
      // A newer server may tell more than this page knows.
      return { type: "unknown" }
  }
}

/** Collects the parts of one snapshot at a time: the first part of another one drops what was there. */
export class Assembly {
  private id = ""
  private readonly had = new Map<number, Courier[]>()

  /** All rows when this part completes its snapshot, else null. */
  add(part: Part): Courier[] | null {
    if (part.id !== this.id) {
      this.id = part.id
      this.had.clear()
    }
    this.had.set(part.part, part.couriers)
    if (this.had.size < part.parts) return null
    const rows = [...this.had.values()].flat()
    this.had.clear()
    return rows
  }
}

function object(text: string): Record<string, unknown> {
  let said: unknown
  try {
    said = JSON.parse(text)
  } catch {
    throw new BadFrame("the message is not JSON")
  }
  if (typeof said !== "object" || said === null) throw new BadFrame("the message is not an object")
  return said as Record<string, unknown>
}

function isHappening(said: unknown): said is Happening {
  return typeof (said as Happening | null)?.type === "string"
}

function count(said: Record<string, unknown>, name: string): number {
  const value = said[name]
  if (typeof value !== "number" || !Number.isFinite(value)) throw new BadFrame(`${name} is not a number`)
  return value
}
