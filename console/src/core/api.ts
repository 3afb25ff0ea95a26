/** JSON over HTTP: a timeout, bounded retries of what may be repeated, and the server's own words on errors. */
import { backoff } from "./backoff"
import type { Given, Reason } from "./reasons"

const TIMEOUT_MS = 10_000
const TRIES = 3

/** What of a request was not right, and why. */
export interface Fault {
  readonly field: string
  readonly reason: string
  readonly code?: string
  readonly given?: Given
}

/** The server refused, in words (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly faults: readonly Fault[] = [],
    /** All that the answer says; some refusals bring more, such as the revision that stands. */
    readonly said: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail)
  }
}

/** Of a refusal, or of one fault: to be said in the page's language. */
export function saidBy(refused: Problem | Fault): Reason {
  const { code, given } = (refused instanceof Problem ? refused.said : refused) as Omit<Fault, "reason">
  return { text: refused instanceof Problem ? refused.message : refused.reason, code, given }
}

/** What of a request was not right; nothing where it failed for another reason. */
export const faultsOf = (error: unknown): readonly Fault[] => (error instanceof Problem ? error.faults : [])

/** No answer at all: offline, blocked, or too slow. */
export class Unreachable extends Error {}

export interface Ask {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is, instead of `body`. */
  readonly text?: { readonly type: string; readonly text: string | Blob; readonly gzip?: boolean }
  /** With a key, or with PUT, PATCH or DELETE, a request may be repeated, unless it makes what must be `fresh`. */
  readonly key?: string
  /** The revision that was seen and is changed (If-Match). */
  readonly match?: number
  /** There must be none of its name yet (If-None-Match). */
  readonly fresh?: boolean
  /** Of a phone (X-Device-Key). */
  readonly deviceKey?: string
  readonly token?: string
  readonly signal?: AbortSignal
}

/** The JSON that is answered. Raises Problem or Unreachable. */
export async function call(url: string, ask: Ask = {}): Promise<unknown> {
  return repeated(url, ask, async (answer) => parsed(await answer.text()))
}

/** The file that is answered. Raises Problem or Unreachable. */
export async function download(url: string, ask: Ask = {}): Promise<Blob> {
  return repeated(url, ask, (answer) => answer.blob())
}

async function repeated<T>(url: string, ask: Ask, read: (answer: Response) => Promise<T>): Promise<T> {
  const once = ask.fresh || (ask.method === "POST" && !ask.key)
  const tries = once ? 1 : TRIES
  for (let attempt = 1; ; attempt++) {
    try {
      return await asked(url, ask, read)
    } catch (error) {
      const passing = error instanceof Unreachable || (error instanceof Problem && error.status >= 500)
      if (!passing || attempt >= tries || ask.signal?.aborted) throw error
      await new Promise((resolve) => setTimeout(resolve, backoff(attempt - 1)))
    }
  }
}

async function asked<T>(url: string, ask: Ask, read: (answer: Response) => Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(TIMEOUT_MS)
  const headers: Record<string, string> = { accept: "application/json, */*" }
  if (ask.token) headers.authorization = `Bearer ${ask.token}`
  if (ask.key) headers["idempotency-key"] = ask.key
  if (ask.match !== undefined) headers["if-match"] = `"${ask.match}"`
  if (ask.fresh) headers["if-none-match"] = "*"
  if (ask.deviceKey) headers["x-device-key"] = ask.deviceKey
  const content = ask.text ?? (ask.body === undefined ? null : json(ask.body))
  if (content) headers["content-type"] = content.type
  if (ask.text?.gzip) headers["content-encoding"] = "gzip"
  const init: RequestInit = {
    method: ask.method ?? "GET",
    headers,
    cache: "no-store",
    signal: ask.signal ? AbortSignal.any([limit, ask.signal]) : limit,
  }
  if (content) init.body = content.text
  try {
    const answer = await fetch(url, init)
    if (answer.ok) return await read(answer)
    throw problem(answer, await answer.json().catch(() => null))
  } catch (error) {
    throw error instanceof Problem ? error : new Unreachable(String(error))
  }
}

function problem(answer: Response, said: unknown): Problem {
  const told = (said ?? {}) as Record<string, unknown>
  const { detail, title, message, errors } = told
  const faults = Array.isArray(errors) ? (errors as Fault[]) : []
  return new Problem(answer.status, String(detail ?? title ?? message ?? answer.statusText), faults, told)
}

/** Null for what is none. An answer that broke off is no answer, and has thrown before. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const json = (body: unknown) => ({ type: "application/json", text: JSON.stringify(body) })
