/** Who belongs to the fleet, and the couriers' phones, as the accounts stack tells them. */
import { type Desk, path, query } from "../core/desk"
import type { Trip, TripState } from "../core/trips"

export const ROLES = ["courier", "manager", "admin", "gateway"] as const
export type Role = (typeof ROLES)[number]

export interface User {
  readonly user: string
  readonly role: string
  /** As people write it. */
  readonly name: string
  readonly tags: readonly string[]
  /** Cannot sign in, claim or upload. */
  readonly disabled: boolean
}

export interface NewUser extends Omit<User, "disabled"> {
  readonly password: string
}

/** What is left out stays as it is. */
export type Change = Partial<Omit<NewUser, "user"> & { readonly disabled: boolean }>

const OPEN: ReadonlySet<TripState> = new Set(["claimed", "started", "paused"] as const)

export interface Phone {
  readonly device: string
  readonly courier: string
  readonly name: string
  /** Unix seconds. */
  readonly created_at: number
}

export interface App {
  readonly app: string
  /** What is typed into it. */
  readonly address: string
  /** An SVG element. */
  readonly qr: string | null
}

/** The apps, in the order of docs/apps.md. */
export const APPS = ["traccar", "owntracks", "overland", "gpslogger", "background-geolocation"] as const

const ordered = (app: string): number => (APPS as readonly string[]).indexOf(app) + 1 || APPS.length + 1

export async function users(desk: Desk, signal?: AbortSignal): Promise<readonly User[]> {
  return (await desk.get<{ users: readonly User[] }>(path("users"), signal)).users
}

export const addUser = (desk: Desk, user: NewUser): Promise<User> => desk.postOnce(path("users"), user)

export const changeUser = (desk: Desk, user: string, change: Change): Promise<User> =>
  desk.patch(path("users", user), change)

/** What of a form differs from the user as it is. */
export function difference(user: User, form: Pick<NewUser, "name" | "role" | "tags">): Change {
  const same = [...form.tags].sort().join() === [...user.tags].sort().join()
  return {
    ...(form.name === user.name ? {} : { name: form.name }),
    ...(form.role === user.role ? {} : { role: form.role }),
    ...(same ? {} : { tags: form.tags }),
  }
}

/** Of a courier, those of the newest hundred that are not over; from the tasks stack. */
export async function openTrips(desk: Desk, courier: string, signal: AbortSignal): Promise<readonly Trip[]> {
  const asked = path("trips") + query({ courier, limit: 100 })
  const { trips } = await desk.get<{ trips: readonly Trip[] }>(asked, signal)
  return trips.filter(({ state }) => OPEN.has(state))
}

/** The fleet's, for an admin. */
export async function phones(desk: Desk, signal?: AbortSignal): Promise<readonly Phone[]> {
  return (await desk.get<{ devices: readonly Phone[] }>(path("devices"), signal)).devices
}

/** With its key, which no later answer has. */
export const register = (
  desk: Desk,
  courier: string,
  name: string,
): Promise<Phone & { readonly key: string }> => desk.postOnce(path("devices"), { courier, name })

export const revoke = (desk: Desk, device: string): Promise<unknown> => desk.delete(path("devices", device))

/** For who has the device's key. */
export async function setUp(desk: Desk, device: string, key: string): Promise<readonly App[]> {
  const { apps } = await desk.getWith<{ apps: readonly App[] }>(key, path("devices", device, "setup"))
  return [...apps].sort((a, b) => ordered(a.app) - ordered(b.app))
}

/** The code as the address of an image: what an image holds runs nothing. */
export function picture(svg: string): string {
  const whole = svg.replace(/^<svg(?![^>]*xmlns=)/, '<svg xmlns="http://www.w3.org/2000/svg"')
  return `data:image/svg+xml,${encodeURIComponent(whole)}`
}

/** Of a password. */
export const SHORTEST = 10

const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789" // 32 that are not mistaken for each other
const PARTS = 3
const PART = 5

/** 75 bits of chance, easy to read out. */
export function madeUp(
  chance: (bytes: Uint8Array<ArrayBuffer>) => void = (bytes) => crypto.getRandomValues(bytes),
): string {
  const bytes = new Uint8Array(PARTS * PART)
  chance(bytes)
  const letters = [...bytes].map((byte) => LETTERS[byte % LETTERS.length]).join("")
  return letters.match(/.{5}/g)!.join("-")
}

/** Tags as people type them: between spaces or commas, each once. */
export const tagsOf = (typed: string): readonly string[] => [
  ...new Set(typed.split(/[\s,，、;；]+/).filter((tag) => tag !== "")),
]

export const isTag = (typed: string): boolean => /^[a-z0-9][a-z0-9._-]{0,31}$/.test(typed)

export const rides = ({ role, disabled }: User): boolean => role === "courier" && !disabled

/** Who is disabled is listed apart. */
export function listed({ role, disabled }: User, filter: string): boolean {
  return filter === "disabled" ? disabled : !disabled && (filter === "active" || role === filter)
}

/** Whether name, user or a tag has what is sought. */
export function fits({ user, name, tags }: User, sought: string): boolean {
  const wanted = sought.trim().toLocaleLowerCase()
  return [user, name, ...tags].some((text) => text.toLocaleLowerCase().includes(wanted))
}
