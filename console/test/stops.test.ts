import assert from "node:assert/strict"
import { test } from "node:test"
import { nextStop, SURE, stopAt } from "../src/core/stops"
import { courier } from "./rows"

const stops = [
  { name: "a", along_m: 300, radius_m: 40 },
  { name: "b", along_m: 340, radius_m: 40 },
  { name: "c", along_m: 2_000, radius_m: 40 },
]

test("a courier is at the nearest stop within whose radius along the route it is", () => {
  const at = [0, 260, 315, 330, 381, 2_040].map(
    (along_m) => stopAt(stops, courier({ along_m }))?.name ?? null,
  )
  assert.deepEqual(at, [null, "a", "a", "b", null, "c"])
  assert.equal(stopAt([], courier()), null)
})

test("nobody is at a stop off the route, silent, or where the place is not sure", () => {
  const here = { along_m: 300 }
  assert.equal(stopAt(stops, courier({ ...here, state: "stalled" }))?.name, "a")
  assert.equal(stopAt(stops, courier({ ...here, state: "off_route" })), null)
  assert.equal(stopAt(stops, courier({ ...here, state: "silent" })), null)
  assert.equal(stopAt(stops, courier({ ...here, confidence: SURE - 0.01 })), null)
  assert.equal(stopAt(stops, courier({ ...here, confidence: null })), null)
  assert.equal(stopAt(stops, courier({ along_m: null })), null)
})

test("the next stop is the first that lies ahead", () => {
  const ahead = (along_m: number | null) => nextStop(stops, courier({ along_m }))?.name ?? null
  assert.deepEqual([0, 259, 261, 1_000, 1_961].map(ahead), ["a", "a", "b", "c", null])
  assert.equal(ahead(null), null)
  assert.equal(nextStop(stops, courier({ along_m: 0, state: "arrived" })), null)
})
