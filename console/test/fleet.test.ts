import assert from "node:assert/strict"
import { test } from "node:test"
import { Board } from "../src/core/board"
import { ServerClock } from "../src/core/clock"
import { Fleet } from "../src/core/fleet"
import { type State, shownState } from "../src/core/model"
import { arrange, type View } from "../src/core/order"
import { courier } from "./rows"

test("an older version never overwrites a newer one, in updates and in snapshots", () => {
  const fleet = new Fleet()
  fleet.update([courier({ version: 5, along_m: 500 })], 10)
  assert.deepEqual(fleet.update([courier({ version: 4, along_m: 400 })], 11).changed, [])
  assert.deepEqual(fleet.update([courier({ version: 5, along_m: 555 })], 11).changed, [])
  fleet.replace([courier({ version: 3, along_m: 300 })], 12)
  assert.equal(fleet.couriers.get("mei")?.along_m, 500)
  fleet.replace([courier({ version: 6, along_m: 600 })], 13)
  assert.equal(fleet.couriers.get("mei")?.along_m, 600)
})

test("a snapshot judges the same version anew: silence comes without a write", () => {
  const fleet = new Fleet()
  fleet.update([courier()], 10)
  const { changed } = fleet.replace([courier({ state: "silent" })], 70)
  assert.equal(changed.length, 1)
  assert.deepEqual(fleet.replace([courier({ state: "silent" })], 130).changed, [])
})

test("who is not in a snapshot goes, but not who was heard of while it was read", () => {
  const fleet = new Fleet()
  fleet.update([courier({ courier: "old" })], 10)
  fleet.update([courier({ courier: "new" })], 99)
  assert.deepEqual(fleet.replace([], 100).gone, ["old"])
  assert.deepEqual([...fleet.couriers.keys()], ["new"])
})

const shown: [State, number | null, State][] = [
  ["on_route", 880, "on_route"],
  ["on_route", 879, "silent"],
  ["off_route", 100, "silent"],
  ["stalled", 100, "silent"],
  ["on_route", null, "on_route"],
  ["idle", 100, "idle"],
  ["arrived", 100, "arrived"],
  ["finished", 100, "finished"],
]
for (const [state, t, expected] of shown) {
  test(`${state}, heard at ${t}, is shown as ${expected} at 1000`, () => {
    assert.equal(shownState(courier({ state, t }), 1_000), expected)
  })
}

test("the server's clock is followed, by the least delayed frame", () => {
  const clock = new ServerClock(() => 100)
  assert.equal(clock.now(), 100)
  clock.hear(1_099)
  clock.hear(1_100)
  clock.hear(1_095)
  assert.equal(clock.now(), 1_100)
})

function board(...rows: ReturnType<typeof courier>[]): Board {
  const made = new Board(
    new ServerClock(() => 1_000),
    () => null,
    () => true,
  )
  made.snapshot(rows, 1_000, 120)
  return made
}

test("the board counts each state, and counts again when time makes one silent", () => {
  let now = 1_000
  const made = new Board(
    new ServerClock(() => now),
    () => null,
    () => true,
  )
  made.snapshot([courier(), courier({ courier: "b", state: "off_route" })], 1_000, 120)
  assert.deepEqual([made.counts.on_route, made.counts.off_route, made.counts.silent], [1, 1, 0])
  now = 1_200
  assert.equal(made.judge(), true)
  assert.equal(made.judge(), false)
  assert.deepEqual([made.counts.on_route, made.counts.off_route, made.counts.silent], [0, 0, 2])
})

const orders: [Partial<View>, string[]][] = [
  [{ sort: "attention" }, ["off", "mid", "fast", "slow", "none"]],
  [{ sort: "progress" }, ["fast", "mid", "off", "slow", "none"]],
  [{ sort: "behind" }, ["slow", "off", "mid", "fast", "none"]],
  [{ sort: "age" }, ["slow", "fast", "mid", "off", "none"]],
  [{ sort: "name" }, ["fast", "mid", "none", "off", "slow"]],
  [{ state: "on_route", sort: "name" }, ["fast", "slow"]],
  [{ search: " RIVER", sort: "name" }, ["mid"]],
  [{ search: "loop", sort: "name" }, ["fast", "none", "off", "slow"]],
]
for (const [view, expected] of orders) {
  test(`the list for ${JSON.stringify(view)}`, () => {
    const made = board(
      courier({ courier: "slow", fraction: 0.1, t: 950 }),
      courier({ courier: "fast", fraction: 0.9, t: 960 }),
      courier({ courier: "off", fraction: 0.2, state: "off_route" }),
      courier({ courier: "mid", fraction: 0.5, state: "stalled", route: "river@1", t: 970 }),
      courier({ courier: "none", fraction: null, state: "idle", t: null }),
    )
    const whole = { state: null, search: "", sort: "attention", ...view } as View
    const names = { "river@1": "River road", "lap@1": "Harbour loop" } as Record<string, string>
    const order = arrange(made.entries.values(), whole, (route) => names[route] ?? route)
    assert.deepEqual(
      order.map((entry) => entry.courier.courier),
      expected,
    )
  })
}
