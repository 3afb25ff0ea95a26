/** The page's pulse: a frame at most every FRAME_MS, and a tick a second; neither while the page is hidden. */
export const FRAME_MS = 100
const SECOND_MS = 1_000

export function every(signal: AbortSignal, frame: (now: number) => void, tick: () => void): void {
  let second = 0
  const step = (now: number) => {
    if (signal.aborted) return
    if (now - second >= SECOND_MS) {
      second = now
      tick()
    }
    frame(now)
    setTimeout(() => requestAnimationFrame(step), Math.max(0, FRAME_MS - (performance.now() - now) - 8))
  }
  requestAnimationFrame(step)
}
