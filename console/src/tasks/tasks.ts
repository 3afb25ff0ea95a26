/** Tasks, their trips, the schedules that make them, and the routes they are made on, as the tasks stack tells. */
import { type Desk, type Paged, path, query } from "../core/desk"
import type { Calculation } from "../trips/trips"

export const STATUSES = ["open", "scheduled", "taken", "closed", "withdrawn"] as const
export type Status = (typeof STATUSES)[number]

export interface Bonus {
  /** A decimal number, never a float. */
  readonly amount: string
  readonly currency: string
  /** By the rule's name, its terms. */
  readonly rules: Readonly<Record<string, Readonly<Record<string, string | number | null>>>>
}

/** What a task is, without its times. */
export interface Job {
  /** `lap@1` */
  readonly route: string
  readonly title: string
  readonly bonus: Bonus
  readonly quantity: number
  readonly tags: readonly string[]
  readonly photos: number
  readonly notes: string
}

/** Times in Unix seconds. */
export interface Task extends Job {
  readonly task: string
  readonly status: Status
  readonly left: number
  readonly opens: number
  readonly closes: number
  readonly start_from: number | null
  readonly start_until: number
  readonly deadline: number
}

/** Its times are minutes after it opens; what was left out is left out. */
export interface Recurring extends Partial<Job> {
  readonly route: string
  readonly bonus: Bonus
  readonly closes_after?: number | null
  readonly start_from_after?: number | null
  readonly start_until_after?: number | null
  readonly deadline_after: number
}

export interface Schedule {
  readonly schedule: string
  readonly cron: string
  readonly time_zone: string
  readonly task: Recurring
  /** When the next ones open. */
  readonly next: readonly number[]
  /** Why the one of `failed_at` could not be made. */
  readonly failed: string | null
  readonly failed_at: number | null
}

export interface Trip {
  readonly trip: string
  readonly courier: string
  readonly state: string
  readonly claimed_at: number
  readonly started_at: number | null
  readonly finished_at: number | null
}

export interface Route {
  readonly route: string
  readonly name: string
  readonly length_m: number
}

/** A ride that nobody rode; without more, all of the route, on it and on time. */
export interface Supposed {
  readonly late_s?: number
  /** 0..1 */
  readonly covered?: number
  readonly off_route_m?: number
}

/** For each ride that was supposed, what it would pay. */
export interface BonusExample {
  readonly currency: string
  readonly calculations: readonly Pick<Calculation, "lines" | "total">[]
}

/** Offsets: how far the clocks of the schedule's zone are ahead of UTC [s]. */
export interface Coming {
  readonly times: readonly { readonly at: number; readonly offset_s: number }[]
  readonly clock_changes: readonly ClockChange[]
}

/** On a day of the schedule. `hits`: it has times that the clocks skip, or show twice. */
export interface ClockChange {
  readonly at: number
  readonly from_offset_s: number
  readonly to_offset_s: number
  readonly hits: boolean
}

const PAGE = 50
/** A task has a thousand places at most. */
const TRIPS = 500

export async function tasks(
  desk: Desk,
  status: string,
  after: string | null,
  signal: AbortSignal,
): Promise<Paged<Task>> {
  const asked = `${path("tasks")}${query({ status, after, limit: PAGE })}`
  const said = await desk.get<{ tasks: Task[]; next: string | null }>(asked, signal)
  return { items: said.tasks, next: said.next }
}

export const task = (desk: Desk, id: string, signal?: AbortSignal): Promise<Task> =>
  desk.get(path("tasks", id), signal)

export async function trips(
  desk: Desk,
  id: string,
  after: string | null,
  signal?: AbortSignal,
): Promise<Paged<Trip>> {
  const asked = `${path("trips")}${query({ task: id, after, limit: TRIPS })}`
  const said = await desk.get<{ trips: Trip[]; next: string | null }>(asked, signal)
  return { items: said.trips, next: said.next }
}

export async function schedules(desk: Desk, signal?: AbortSignal): Promise<readonly Schedule[]> {
  return (await desk.get<{ schedules: Schedule[] }>(path("schedules"), signal)).schedules
}

/** The published ones and, for the names of older tasks, the retired ones. */
export async function routes(desk: Desk, state: "published" | "retired"): Promise<readonly Route[]> {
  return (await desk.get<{ routes: Route[] }>(`${path("routes")}${query({ state })}`)).routes
}

export const makeTask = (desk: Desk, body: unknown, key: string): Promise<Task> =>
  desk.post(path("tasks"), body, key)

export const makeSchedule = (desk: Desk, body: unknown, key: string): Promise<Schedule> =>
  desk.post(path("schedules"), body, key)

export const bonusExample = (
  desk: Desk,
  bonus: Bonus,
  rides: readonly Supposed[],
  signal: AbortSignal,
): Promise<BonusExample> => desk.inquire(path("bonuses", "example"), { bonus, rides }, signal)

export const comingTimes = (
  desk: Desk,
  asked: Pick<Schedule, "cron" | "time_zone">,
  signal: AbortSignal,
): Promise<Coming> => desk.inquire(path("schedules", "times"), asked, signal)

export const withdraw = (desk: Desk, id: string): Promise<Task> => desk.post(path("tasks", id, "withdraw"))

export const removeSchedule = (desk: Desk, id: string): Promise<unknown> => desk.delete(path("schedules", id))
