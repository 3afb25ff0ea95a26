/** Several lists, each with its newest first, as one. */
import type { Paged } from "../core/desk"

/** The newest `limit` of the first pages of lists whose ids sort by time, and what to ask each list for next:
 * whatever lies behind the last one taken. */
export async function newest<T>(
  lists: readonly Promise<Paged<T>>[],
  limit: number,
  id: (item: T) => string,
): Promise<Paged<T>> {
  const pages = await Promise.all(lists)
  const all = pages.flatMap(({ items }) => items)
  const items = all.sort((a, b) => (id(a) < id(b) ? 1 : -1)).slice(0, limit)
  const last = items.at(-1)
  const more = all.length > items.length || pages.some(({ next }) => next !== null)
  return { items, next: more && last !== undefined ? id(last) : null }
}
