/** Who is signed in. The token lives in this tab only and goes with it. */
import { call } from "./api"
import type { Config } from "./config"
import { forgetTyped } from "./typed"

const KEY = "milepost.session"
const WATCHERS: ReadonlySet<string> = new Set(["manager", "admin"])

export interface Session {
  readonly token: string
  /** Unix seconds. */
  readonly expires_at: number
  readonly user: string
  readonly fleet: string
  readonly role: string
}

/** Signed in, but with a role that may not watch the fleet. */
export class MayNotWatch extends Error {
  constructor(readonly role: string) {
    super(role)
  }
}

/** Raises MayNotWatch, Problem (401: wrong user or password) or Unreachable. */
export async function signIn(config: Config, user: string, password: string): Promise<Session> {
  const body = { fleet: config.fleet, user, password }
  const session = (await call(`${config.apis.accounts}/v1/session`, { method: "POST", body })) as Session
  if (!WATCHERS.has(session.role)) throw new MayNotWatch(session.role)
  forgetTyped(session)
  sessionStorage.setItem(KEY, JSON.stringify(session))
  return session
}

/** The session of this tab while it lasts; `expired` when there was one that ended. */
export function restore(now = Date.now() / 1000): Session | "expired" | null {
  try {
    const session = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Session | null
    if (session === null || typeof session.token !== "string") return null
    return session.expires_at > now ? session : "expired"
  } catch {
    return null
  }
}

export function forget(): void {
  sessionStorage.removeItem(KEY)
}
