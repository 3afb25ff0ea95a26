/** Trips, what they pay, their photos and all that was done with them, as the tasks stack tells them. */
import { type Desk, type Paged, path, query } from "../core/desk"
import type { Trip, TripState } from "../core/trips"
import { newest } from "./newest"

/** What the shelf shows together; the first is what waits for a manager. */
export const SHELVES = {
  waiting: ["settled"],
  underway: ["claimed", "started", "paused", "finished"],
  approved: ["approved"],
  paid: ["paid"],
  ended: ["released", "cancelled", "expired", "abandoned"],
} as const satisfies Readonly<Record<string, readonly TripState[]>>
export type ShelfName = keyof typeof SHELVES

/** One line of what a trip pays. */
export interface BonusLine {
  readonly rule: string
  readonly amount: string
  /** Why, in English ... */
  readonly text: string
  /** ... and its numbers, for who says it in another language. */
  readonly given: Readonly<Record<string, unknown>>
}

export interface Calculation {
  /** Of the settled record. */
  readonly revision: number
  readonly made_at: number
  readonly facts: {
    readonly finished_at: number
    readonly deadline: number | null
    readonly covered_percent: string
    readonly off_route_m: number
    readonly record: string
  }
  readonly lines: readonly BonusLine[]
  readonly total: string
  readonly currency: string
  /** Whether terms and facts give the same again, just now. */
  readonly reproduced: boolean
}

export interface Bonus {
  readonly state: TripState
  readonly calculation: Calculation | null
  /** What a record that came after the approval would give. */
  readonly newer: Calculation | null
  readonly rejected: { readonly by: string; readonly at: number; readonly note: string } | null
  /** The one that paid it. */
  readonly payout: string | null
}

export interface Photo {
  readonly photo: string
  readonly content_type: string
  /** Bytes. */
  readonly size: number
  readonly at: number
  /** Holds for five minutes. */
  readonly url: string
}

export interface Photos {
  readonly needed: number
  readonly photos: readonly Photo[]
}

export interface AuditLine {
  readonly rev: number
  readonly at: number
  readonly by: string
  readonly role: string
  readonly action: string
  readonly note: string
}

export interface Opened {
  readonly trip: Trip
  readonly lines: readonly AuditLine[]
  readonly bonus: Bonus
  readonly photos: Photos
}

const PAGE = 50

interface Listed {
  readonly trips: readonly Trip[]
  readonly next: string | null
}

/** Newest first. */
export function listed(
  desk: Desk,
  shelf: ShelfName,
  after: string | null,
  signal: AbortSignal,
): Promise<Paged<Trip>> {
  const pages = SHELVES[shelf].map((state) => some(desk, { state, after, limit: PAGE }, signal))
  return newest(pages, PAGE, ({ trip }) => trip)
}

export const ofCourier = (
  desk: Desk,
  courier: string,
  after: string | null,
  signal: AbortSignal,
): Promise<Paged<Trip>> => some(desk, { courier, after, limit: PAGE }, signal)

async function some(
  desk: Desk,
  said: Readonly<Record<string, string | number | null>>,
  signal: AbortSignal,
): Promise<Paged<Trip>> {
  const { trips, next } = await desk.get<Listed>(`${path("trips")}${query(said)}`, signal)
  return { items: trips, next }
}

export async function opened(desk: Desk, id: string, signal: AbortSignal): Promise<Opened> {
  const [audit, bonus, photos] = await Promise.all([
    desk.get<Pick<Opened, "trip" | "lines">>(path("trips", id, "audit"), signal),
    desk.get<Bonus>(path("trips", id, "bonus"), signal),
    pictures(desk, id, signal),
  ])
  return { ...audit, bonus, photos }
}

export const pictures = (desk: Desk, id: string, signal?: AbortSignal): Promise<Photos> =>
  desk.get(path("trips", id, "photos"), signal)

export type Act = "approve" | "reject" | "cancel" | "release" | "reassign"

/** The trip afterwards; of a reassignment the other courier's. */
export const act = (desk: Desk, id: string, what: Act, said: unknown): Promise<Trip> =>
  desk.post(path("trips", id, what), said)
