/** Open alerts: fetched with each snapshot, and brought up to date by the live stream in between. */
import { call } from "./api"

export const KINDS = ["off_route", "stalled", "silent", "late", "low_battery", "arrived", "finished"] as const
export type Kind = (typeof KINDS)[number]

export interface Alert {
  readonly alert: string
  readonly kind: Kind
  readonly courier: string
  readonly title: string
  /** Unix seconds. */
  readonly raised_at: number
  readonly closed_at: number | null
  readonly acknowledged_at: number | null
  readonly acknowledged_by: string | null
}

/** Something that has happened, as the live stream tells it. */
export interface Happening {
  readonly type: string
  readonly data: unknown
}

/** So many are fetched; a fleet with more has other worries than the rest. */
const LIMIT = 200

export class Alerts {
  /** Grows when anything shown may have changed. */
  revision = 0
  private readonly open = new Map<string, Alert>()
  /** Closed since the fetch that is under way began: an older answer must not bring them back. */
  private readonly closed = new Set<string>()
  private asking = false

  constructor(
    private readonly base: string,
    private readonly token: string,
  ) {}

  /** Newest first; ids sort by when they were raised. */
  list(): Alert[] {
    return [...this.open.values()].sort((a, b) => (a.alert < b.alert ? 1 : -1))
  }

  happened(events: readonly Happening[]): void {
    for (const { type, data } of events) if (type.startsWith("alert.") && isAlert(data)) this.take(data)
  }

  /** All that are open now. What fails is asked for again with the next snapshot. */
  async fetch(): Promise<void> {
    if (this.asking) return
    this.asking = true
    this.closed.clear()
    const before = new Set(this.open.keys())
    try {
      const ask = { token: this.token }
      const said = (await call(`${this.base}/v1/alerts?limit=${LIMIT}`, ask)) as { alerts: unknown[] }
      const found = said.alerts.filter(isAlert)
      const listed = new Set(found.map((one) => one.alert))
      for (const one of before) if (!listed.has(one)) this.open.delete(one)
      for (const one of found) this.take(one)
      this.revision++
    } catch {
      // The list stays as it was.
    } finally {
      this.asking = false
    }
  }

  async acknowledge(alert: string): Promise<void> {
    const ask = { method: "POST", body: {}, token: this.token } as const
    this.take((await call(`${this.base}/v1/alerts/${alert}/acknowledge`, ask)) as Alert)
  }

  private take(alert: Alert): void {
    if (alert.closed_at !== null) {
      this.closed.add(alert.alert)
      this.open.delete(alert.alert)
    } else if (!this.closed.has(alert.alert)) {
      const had = this.open.get(alert.alert)
      // Messages may overtake each other: an acknowledgement stays.
      if (!had?.acknowledged_at) this.open.set(alert.alert, alert)
    }
    this.revision++
  }
}

function isAlert(said: unknown): said is Alert {
  const one = said as Alert | null
  return (
    typeof one?.alert === "string" &&
    KINDS.includes(one.kind) &&
    typeof one.courier === "string" &&
    typeof one.raised_at === "number"
  )
}
