/** Which couriers the list shows, and in which order. */
import type { Entry } from "./board"
import { STATES, type State } from "./model"

export const SORTS = ["attention", "progress", "behind", "name", "age"] as const
export type Sort = (typeof SORTS)[number]

export interface View {
  readonly state: State | null
  readonly search: string
  readonly sort: Sort
}

const RANK = Object.fromEntries(STATES.map((state, rank) => [state, rank])) as Record<State, number>
const byName = (a: Entry, b: Entry) => (a.courier.courier < b.courier.courier ? -1 : 1)
const progress = ({ courier }: Entry) => courier.fraction ?? -1
const last = (value: number | null) => value ?? Number.POSITIVE_INFINITY

const COMPARE: Readonly<Record<Sort, (a: Entry, b: Entry) => number>> = {
  attention: (a, b) => RANK[a.shown] - RANK[b.shown],
  progress: (a, b) => progress(b) - progress(a),
  behind: (a, b) => last(a.courier.fraction) - last(b.courier.fraction),
  name: () => 0,
  age: (a, b) => last(a.courier.t) - last(b.courier.t),
}

/** routeName: what people call a route, for the search. Ties go by the courier's name. */
export function arrange(entries: Iterable<Entry>, view: View, routeName: (route: string) => string): Entry[] {
  const wanted = view.search.trim().toLowerCase()
  const fits = ({ courier, shown }: Entry) =>
    (view.state === null || shown === view.state) &&
    (wanted === "" ||
      courier.courier.includes(wanted) ||
      (courier.route !== null && routeName(courier.route).toLowerCase().includes(wanted)))
  const compare = COMPARE[view.sort]
  return [...entries].filter(fits).sort((a, b) => compare(a, b) || byName(a, b))
}
