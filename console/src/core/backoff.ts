/** How long to wait before the n-th attempt [ms]: doubling with full jitter, never less than half. */
export const FIRST_MS = 500
export const LONGEST_MS = 15_000

export function backoff(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16))
  return Math.round(ceiling * (0.5 + random() / 2))
}
