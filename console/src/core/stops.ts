/** Where along its stops a courier is. The route brings them; a courier's row only says how far it has come. */
import type { Courier } from "./model"

/** As the route gives it, in the order of the visits. */
export interface Stop {
  readonly name: string
  /** Metres along the route. */
  readonly along_m: number
  readonly radius_m: number
}

/** Confidence from which a place along the route is told as one; the server's geo/arrival.py has the same. */
export const SURE = 0.8

/** The stop that the courier is at: surely, on the route and within its radius along it; the nearest of several. */
export function stopAt(stops: readonly Stop[], courier: Courier): Stop | null {
  const { along_m: along, confidence, state } = courier
  const there = state === "on_route" || state === "stalled" || state === "arrived"
  if (!there || along === null || confidence === null || confidence < SURE) return null
  const away = (stop: Stop) => Math.abs(stop.along_m - along)
  const inside = stops.filter((stop) => away(stop) <= stop.radius_m)
  return inside.reduce<Stop | null>((best, stop) => (best && away(best) <= away(stop) ? best : stop), null)
}

/** The first stop that lies ahead, beyond its radius. */
export function nextStop(stops: readonly Stop[], courier: Courier): Stop | null {
  const along = courier.along_m
  if (along === null || courier.state === "arrived" || courier.state === "finished") return null
  return stops.find((stop) => stop.along_m - stop.radius_m > along) ?? null
}
