/** Everybody's newest state. An older version never overwrites a newer one, whatever brought it. */
import type { Courier } from "./model"

export interface Change {
  readonly changed: readonly Courier[]
  readonly gone: readonly string[]
}

/** A snapshot is read while updates fly: who was heard of this shortly before it is kept, listed or not [s]. */
const GRACE_S = 10

export class Fleet {
  readonly couriers = new Map<string, Courier>()
  /** Server time of the frame that last named each courier [s]. */
  private readonly named = new Map<string, number>()

  /** Rows of an update made at `at` [s, server time]. */
  update(rows: readonly Courier[], at: number): Change {
    const changed = rows.filter((row) => {
      const had = this.couriers.get(row.courier)
      if (had && had.version >= row.version) return false
      this.couriers.set(row.courier, row)
      return true
    })
    for (const row of rows) this.named.set(row.courier, Math.max(at, this.named.get(row.courier) ?? 0))
    return { changed, gone: [] }
  }

  /** Rows of a whole snapshot: as an update, and who is not in it goes. */
  replace(rows: readonly Courier[], at: number): Change {
    const listed = new Set(rows.map((row) => row.courier))
    const gone = [...this.couriers.keys()].filter(
      (courier) => !listed.has(courier) && (this.named.get(courier) ?? 0) + GRACE_S < at,
    )
    for (const courier of gone) {
      this.couriers.delete(courier)
      this.named.delete(courier)
    }
    // The same version is taken too: the server has judged the state anew (silence comes with time alone).
    const changed = rows.filter((row) => {
      const had = this.couriers.get(row.courier)
      if (had && (had.version > row.version || (had.version === row.version && had.state === row.state))) {
        return false
      }
      this.couriers.set(row.courier, row)
      return true
    })
    for (const row of rows) this.named.set(row.courier, Math.max(at, this.named.get(row.courier) ?? 0))
    return { changed, gone }
  }
}
