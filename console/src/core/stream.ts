/** The live stream's life: ticket → socket → subscribe → snapshot → updates; and again when it breaks. */
import type { Happening } from "./alerts"
import { backoff } from "./backoff"
import { BadFrame } from "./columns"
import { Assembly, type Frame, parse } from "./frames"
import type { Courier } from "./model"

export const REFRESH_MS = 60_000
/** A snapshot that stays away so long means that the connection is dead, whatever the browser thinks. */
export const PATIENCE_MS = 15_000

export type Status =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "waiting"; readonly until: number; readonly attempt: number }
  | { readonly kind: "stopped" }

export interface Socket {
  send(text: string): void
  close(): void
}
export interface Heard {
  opened(): void
  message(text: string): void
  closed(): void
}

/** What the stream needs from outside; tests bring their own. */
export interface World {
  /** The address with a fresh ticket. May throw; what `fatal` accepts ends the stream. */
  address(signal: AbortSignal): Promise<string>
  open(address: string, heard: Heard): Socket
  fatal(error: unknown): boolean
  now(): number
  later(act: () => void, ms: number): () => void
  random(): number
}

export interface Listener {
  status(status: Status): void
  update(couriers: Courier[], at: number): void
  snapshot(couriers: Courier[], at: number, silentAfter: number): void
  happened(events: readonly Happening[]): void
  /** A frame that was not understood; it is left out. */
  bad(error: BadFrame): void
  /** The server will not have this viewer, so the stream has stopped. */
  refused(error: unknown): void
}

export class Stream {
  private attempt = 0
  private status: Status = { kind: "stopped" }
  private socket: Socket | null = null
  private abort: AbortController | null = null
  private assembly = new Assembly()
  private cancelTimer = (): void => {}
  private cancelWatch = (): void => {}

  constructor(
    private readonly world: World,
    private readonly listener: Listener,
  ) {}

  start(): void {
    if (this.status.kind === "stopped") void this.connect()
  }

  stop(): void {
    this.drop()
    this.say({ kind: "stopped" })
  }

  /** The network or the person came back: do not wait for the next attempt; a live view is refreshed. */
  wake(): void {
    if (this.status.kind === "live") this.ask()
    else this.attempt = 0 // should an attempt under way fail, the next comes soon
    if (this.status.kind === "waiting") void this.connect()
  }

  private async connect(): Promise<void> {
    this.drop()
    this.say({ kind: "connecting" })
    const abort = new AbortController()
    this.abort = abort
    this.watch()
    try {
      const address = await this.world.address(abort.signal)
      if (abort.signal.aborted) return
      this.assembly = new Assembly()
      const mine =
        <A extends unknown[]>(act: (...args: A) => void) =>
        (...args: A) => {
          if (!abort.signal.aborted) act(...args)
        }
      this.socket = this.world.open(address, {
        opened: mine(() => this.send("subscribe")),
        message: mine((text) => this.take(text)),
        closed: mine(() => this.retry()),
      })
    } catch (error) {
      if (abort.signal.aborted) return
      if (!this.world.fatal(error)) return this.retry()
      this.stop()
      this.listener.refused(error)
    }
  }

  private take(text: string): void {
    let frame: Frame
    try {
      frame = parse(text)
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error
      this.listener.bad(error)
      return
    }
    if (frame.type === "subscribed") this.ask()
    else if (frame.type === "update") this.listener.update(frame.couriers, frame.at)
    else if (frame.type === "events") this.listener.happened(frame.events)
    else if (frame.type === "error") this.listener.bad(new BadFrame(frame.detail))
    else if (frame.type === "snapshot") {
      this.watch()
      const rows = this.assembly.add(frame)
      if (rows) this.complete(rows, frame.at, frame.silentAfter)
    }
  }

  private complete(rows: Courier[], at: number, silentAfter: number): void {
    this.cancelWatch()
    this.attempt = 0
    this.listener.snapshot(rows, at, silentAfter)
    if (this.status.kind !== "live") this.say({ kind: "live" })
    this.cancelTimer()
    this.cancelTimer = this.world.later(() => this.ask(), REFRESH_MS)
  }

  private ask(): void {
    this.cancelTimer()
    this.send("snapshot")
    this.watch()
  }

  private send(action: string): void {
    this.socket?.send(JSON.stringify({ action }))
  }

  private watch(): void {
    this.cancelWatch()
    this.cancelWatch = this.world.later(() => this.retry(), PATIENCE_MS)
  }

  private retry(): void {
    this.drop()
    const wait = backoff(this.attempt, this.world.random)
    this.attempt += 1
    this.say({ kind: "waiting", until: this.world.now() + wait, attempt: this.attempt })
    this.cancelTimer = this.world.later(() => void this.connect(), wait)
  }

  private drop(): void {
    this.cancelTimer()
    this.cancelWatch()
    this.abort?.abort()
    this.socket?.close()
    this.socket = null
  }

  private say(status: Status): void {
    this.status = status
    this.listener.status(status)
  }
}
