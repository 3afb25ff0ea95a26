/** The server's time. A laptop's clock may be minutes wrong, and ages would lie. */
export class ServerClock {
  private skew: number | null = null

  constructor(private readonly local: () => number = () => Date.now() / 1000) {}

  /** A frame says that it was `at` [s] when it was sent. The least delayed frame tells the most. */
  hear(at: number): void {
    const skew = at - this.local()
    this.skew = this.skew === null ? skew : Math.max(this.skew, skew)
  }

  /** Before a new connection: clocks may have been set since. */
  forget(): void {
    this.skew = null
  }

  /** Unix seconds. */
  now(): number {
    return this.local() + (this.skew ?? 0)
  }
}
