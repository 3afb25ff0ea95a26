/** Questions that follow what a person writes: asked a moment after the last change, answered for the newest alone. */

const MOMENT_MS = 250

export class Lately<Q, A> {
  private newest = "null"
  private timer: ReturnType<typeof setTimeout> | undefined
  private over = new AbortController()

  /** `failed`: with what `ask` threw; asked again only after a change. */
  constructor(
    private readonly ask: (question: Q, signal: AbortSignal) => Promise<A>,
    private readonly answered: (answer: A) => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** null: there is nothing to ask. Whether it is another question than before. */
  want(question: Q | null): boolean {
    const text = JSON.stringify(question)
    if (text === this.newest) return false
    this.newest = text
    clearTimeout(this.timer)
    this.over.abort()
    if (question !== null) this.timer = setTimeout(() => void this.put(question), MOMENT_MS)
    return true
  }

  private async put(question: Q): Promise<void> {
    this.over = new AbortController()
    const { signal } = this.over
    try {
      const answer = await this.ask(question, signal)
      if (!signal.aborted) this.answered(answer)
    } catch (error) {
      if (!signal.aborted) this.failed(error)
    }
  }
}
