/** A courier as `GET /v1/fleet` and the live stream give it; names and units are the API's. */

export const STATES = ["off_route", "stalled", "silent", "arrived", "on_route", "idle", "finished"] as const
/** Listed by how much they want a manager's eye. */
export type State = (typeof STATES)[number]

export interface Courier {
  readonly courier: string
  readonly trip: string | null
  /** `id@version` */
  readonly route: string | null
  /** Metres along the route. */
  readonly along_m: number | null
  /** Share of the route that is done, 0..1. */
  readonly fraction: number | null
  /** Metres off the route. */
  readonly offset_m: number | null
  /** How sure the place along the route is, 0..1. */
  readonly confidence: number | null
  /** Metres per second along the route. */
  readonly speed_mps: number | null
  /** When the route's end will be reached, Unix seconds, as of the newest ping. */
  readonly arrives_at: number | null
  readonly state: State
  readonly lat: number | null
  readonly lon: number | null
  /** Time of the newest ping, Unix seconds. */
  readonly t: number | null
  /** Of the phone, 0..100 %. */
  readonly battery: number | null
  /** Of the trip's pings so far, how many the phone says that an app made up ... */
  readonly mock: number
  /** ... and how many came faster than anybody rides. */
  readonly implausible: number
  /** Grows with each change of this courier; an older one never replaces a newer. */
  readonly version: number
}

export const SILENT_AFTER_S = 120

const MOVING: ReadonlySet<State> = new Set(["on_route", "off_route", "stalled"])

/** The state to show at `now` [s]: silence comes with time alone, without a message. */
export function shownState(courier: Courier, now: number, silentAfter = SILENT_AFTER_S): State {
  const heard = courier.t
  return MOVING.has(courier.state) && heard !== null && now - heard > silentAfter ? "silent" : courier.state
}

const FEW = 2 // what one wild fix makes: the way there and the way back

/** Whether a manager should look: one wild fix is no reason. */
export function doubtful(courier: Courier): boolean {
  return courier.mock > 0 || courier.implausible > FEW
}

/** Seconds since the newest ping; null without one. */
export function age(courier: Courier, now: number): number | null {
  return courier.t === null ? null : Math.max(0, now - courier.t)
}
