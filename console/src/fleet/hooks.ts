/** Where a fleet's events are sent, as the tasks stack keeps it. */
import { type Desk, path } from "../core/desk"

/** Types of events by what they are about; docs/alerts.md has what each brings. */
export const EVENTS = {
  alert: ["alert.raised", "alert.acknowledged", "alert.closed"],
  trip: [
    "trip.claimed",
    "trip.released",
    "trip.reassigned",
    "trip.expired",
    "trip.cancelled",
    "trip.started",
    "trip.paused",
    "trip.resumed",
    "trip.proposed",
    "trip.disputed",
    "trip.finished",
    "trip.abandoned",
    "trip.settled",
    "trip.approved",
    "trip.rejected",
    "trip.paid",
    "trip.revised",
  ],
  task: ["task.scheduled", "task.opened", "task.taken", "task.closed", "task.withdrawn"],
  webhook: ["webhook.disabled"],
} as const satisfies Readonly<Record<string, readonly string[]>>

export interface Hook {
  readonly webhook: string
  /** Without path and query for managers: receivers may have put a key there. */
  readonly url: string
  readonly events: readonly string[]
  /** `on`, `failing` or `off`; a newer server may have more. */
  readonly state: string
  /** Unix seconds, as all times. */
  readonly changed_at: number
  readonly failed_at: number | null
  /** What the newest failure was. */
  readonly failure: string | null
  /** When it last took an event. */
  readonly succeeded_at: number | null
  /** In a row. */
  readonly failures: number
  readonly failing_since: number | null
  /** When it is switched off if nothing changes. */
  readonly off_at: number | null
}

/** With the secret, where that is new; no later answer has it. */
export type Put = Hook & { readonly secret?: string }

export interface Said {
  readonly url: string
  readonly events: readonly string[]
  readonly new_secret?: boolean
}

export async function hooks(desk: Desk, signal: AbortSignal): Promise<readonly Hook[]> {
  return (await desk.get<{ webhooks: readonly Hook[] }>(path("fleet", "webhooks"), signal)).webhooks
}

/** Raises Problem (412) where there is one of this name; never asked for twice, as it would meet its own. */
export const makeHook = (desk: Desk, name: string, body: Said): Promise<Put> =>
  desk.put(path("fleet", "webhooks", name), { body, fresh: true })

export const putHook = (desk: Desk, name: string, body: Said): Promise<Put> =>
  desk.put(path("fleet", "webhooks", name), { body })

export const removeHook = (desk: Desk, name: string): Promise<unknown> =>
  desk.delete(path("fleet", "webhooks", name))

/** By what they are about, in our order; types that only the server knows stand under their own first word. */
export function grouped(known: readonly string[] = []): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>(Object.entries(EVENTS))
  for (const type of known) {
    const about = type.split(".")[0] ?? type
    const group = groups.get(about) ?? []
    if (!group.includes(type)) groups.set(about, [...group, type])
  }
  return groups
}

/** An address with a host; whether events may be sent there, the server says. */
export function isAddress(typed: string): boolean {
  try {
    const { protocol, hostname } = new URL(typed)
    return hostname !== "" && (protocol === "https:" || protocol === "http:")
  } catch {
    return false
  }
}
