/** An API for who is signed in: that of the tasks, unless another is named. */
import { type Ask, call, download, Problem } from "./api"
import type { Session } from "./session"

/** One page of a list, and what to ask for the next with; null at the end. */
export interface Paged<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

export class Desk {
  /** `refused`: the session holds no longer. `over`: it has ended; who asked before is answered no more. */
  constructor(
    private readonly base: string,
    readonly session: Session,
    private readonly refused: (error: Problem) => void,
    private readonly over: AbortSignal,
  ) {}

  get admin(): boolean {
    return this.session.role === "admin"
  }

  /** What only a manager may do, an admin may not. */
  get manager(): boolean {
    return this.session.role === "manager"
  }

  /** Another stack's API, for the same person. */
  at(base: string): Desk {
    return new Desk(base, this.session, this.refused, this.over)
  }

  /** Raises Problem or Unreachable. */
  get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.ask(path, { signal: signal ? AbortSignal.any([signal, this.over]) : this.over })
  }

  /** Of a device, for who has its key. */
  getWith<T>(deviceKey: string, path: string): Promise<T> {
    return this.ask(path, { deviceKey })
  }

  /** A change. It has a key of its own, so that it is done once however often it arrives; a form that is sent
   * again as it was says its first key. */
  post<T>(path: string, body: unknown = {}, key: string = crypto.randomUUID()): Promise<T> {
    return this.ask(path, { method: "POST", body, key })
  }

  /** A change where the API knows no keys: it is asked for once, and no answer leaves open whether it was done. */
  postOnce<T>(path: string, body: unknown): Promise<T> {
    return this.ask(path, { method: "POST", body })
  }

  /** What changes nothing, and is too long for an address. */
  inquire<T>(path: string, body: unknown, signal: AbortSignal): Promise<T> {
    return this.ask(path, { method: "POST", body, signal: AbortSignal.any([signal, this.over]) })
  }

  /** What is put twice is there once. */
  put<T>(path: string, ask: Omit<Ask, "method" | "token">): Promise<T> {
    return this.ask(path, { ...ask, method: "PUT" })
  }

  /** What is left out stays as it is; the same again changes nothing more. */
  patch<T>(path: string, body: unknown): Promise<T> {
    return this.ask(path, { method: "PATCH", body })
  }

  /** `match`: the revision that was seen, where there are some. */
  delete(path: string, match?: number): Promise<unknown> {
    return this.ask(path, match === undefined ? { method: "DELETE" } : { method: "DELETE", match })
  }

  file(path: string): Promise<Blob> {
    return this.watched(download(this.base + path, { token: this.session.token }))
  }

  private ask<T>(path: string, ask: Ask): Promise<T> {
    return this.watched(call(this.base + path, { ...ask, token: this.session.token }) as Promise<T>)
  }

  /** What comes when the session is over comes to nobody: the next one may have begun. */
  private watched<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const unless = (over: () => void) => this.over.aborted || over()
      answer.then(
        (found) => unless(() => resolve(found)),
        (error: unknown) => {
          if (error instanceof Problem && error.status === 401) this.refused(error)
          unless(() => reject(error))
        },
      )
    })
  }
}

/** A path from its parts, each as it must be written in an address; a route's `@` stays. */
export function path(...parts: readonly string[]): string {
  return `/v1/${parts.map((part) => encodeURIComponent(part).replace("%40", "@")).join("/")}`
}

/** `?a=1&b=2` of what is said; nothing for null. */
export function query(said: Readonly<Record<string, string | number | null>>): string {
  const given = Object.entries(said).filter(([, value]) => value !== null && value !== "")
  return given.length ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : ""
}
