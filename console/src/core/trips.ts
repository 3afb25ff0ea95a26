/** Trips as the tasks stack tells them, fetched when somebody looks at one. */
import { call } from "./api"

export type TripState =
  | "claimed"
  | "started"
  | "paused"
  | "finished"
  | "settled"
  | "approved"
  | "paid"
  | "released"
  | "cancelled"
  | "expired"
  | "abandoned"

export interface Trip {
  readonly trip: string
  readonly task: string
  readonly title: string
  readonly route: string
  readonly courier: string
  readonly state: TripState
  readonly bonus: { readonly amount: string; readonly currency: string }
  /** Times in Unix seconds. */
  readonly start_until: number
  readonly deadline: number
  /** How many it needs, and how many were sent. */
  readonly photos: number
  readonly photos_there: number
  /** A record that came after the approval would give another calculation. */
  readonly changed_since_approval: boolean
  readonly claimed_at: number
  readonly started_at: number | null
  readonly paused_at: number | null
  /** When it seemed to have arrived. */
  readonly proposed_at: number | null
  readonly finished_at: number | null
  /** The trip that another courier has instead. */
  readonly passed_to: string | null
}

const AGAIN_MS = 30_000

export class Trips {
  private readonly known = new Map<string, Trip>()
  private readonly asked = new Map<string, number>()

  constructor(
    private readonly base: string,
    private readonly token: string,
    private readonly arrived: () => void,
  ) {}

  /** The trip if it is known; else it is fetched, at most twice a minute. */
  of(trip: string): Trip | null {
    const known = this.known.get(trip)
    const asked = this.asked.get(trip) ?? Number.NEGATIVE_INFINITY
    if (!known && Date.now() - asked > AGAIN_MS) void this.fetch(trip)
    return known ?? null
  }

  private async fetch(trip: string): Promise<void> {
    this.asked.set(trip, Date.now())
    try {
      const url = `${this.base}/v1/trips/${encodeURIComponent(trip)}/audit`
      const said = (await call(url, { token: this.token })) as { trip: Trip }
      this.known.set(trip, said.trip)
      this.arrived()
    } catch {
      // The card shows the trip without its task; looking again asks again.
    }
  }
}
