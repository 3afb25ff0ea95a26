/** JSON over HTTP: a timeout, one bounded set of retries for reads, and the server's own words on errors. */
import { backoff } from "./backoff"

const TIMEOUT_MS = 10_000
const TRIES = 3

/** The server refused, in words (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail)
  }
}

/** No answer at all: offline, blocked, or too slow. */
export class Unreachable extends Error {}

export interface Ask {
  readonly method?: "GET" | "POST"
  readonly body?: unknown
  readonly token?: string
  readonly signal?: AbortSignal
}

/** Raises Problem or Unreachable. */
export async function call(url: string, ask: Ask = {}): Promise<unknown> {
  const tries = (ask.method ?? "GET") === "GET" ? TRIES : 1
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(url, ask)
    } catch (error) {
      const passing = error instanceof Unreachable || (error instanceof Problem && error.status >= 500)
      if (!passing || attempt >= tries || ask.signal?.aborted) throw error
      await new Promise((resolve) => setTimeout(resolve, backoff(attempt - 1)))
    }
  }
}

async function once(url: string, ask: Ask): Promise<unknown> {
  const limit = AbortSignal.timeout(TIMEOUT_MS)
  const headers: Record<string, string> = { accept: "application/json" }
  if (ask.token) headers.authorization = `Bearer ${ask.token}`
  if (ask.body !== undefined) headers["content-type"] = "application/json"
  const init: RequestInit = {
    method: ask.method ?? "GET",
    headers,
    cache: "no-store",
    signal: ask.signal ? AbortSignal.any([limit, ask.signal]) : limit,
  }
  if (ask.body !== undefined) init.body = JSON.stringify(ask.body)
  let answer: Response
  let said: unknown
  try {
    answer = await fetch(url, init)
    said = await answer.json().catch(() => null)
  } catch (error) {
    throw new Unreachable(String(error))
  }
  if (answer.ok) return said
  const { detail, title, message } = (said ?? {}) as Record<string, unknown>
  throw new Problem(answer.status, String(detail ?? title ?? message ?? answer.statusText))
}
