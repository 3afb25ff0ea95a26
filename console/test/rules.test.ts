import assert from "node:assert/strict"
import { test } from "node:test"
import { DEFAULTS, read, same, shownKinds } from "../src/fleet/rules"

test("a threshold is a whole number inside its bounds", () => {
  assert.equal(read("silent_after_s", " 120 "), 120)
  assert.equal(read("late_by_s", "0"), 0)
  for (const typed of ["119", "86401", "", "-300", "3e2", "300.5", "five"]) {
    assert.equal(read("silent_after_s", typed), null, typed)
  }
})

test("rules are the same whatever the order of their kinds", () => {
  assert.ok(same(DEFAULTS, { ...DEFAULTS, kinds: [...DEFAULTS.kinds].reverse() }))
  assert.ok(!same(DEFAULTS, { ...DEFAULTS, kinds: DEFAULTS.kinds.slice(1) }))
  assert.ok(!same(DEFAULTS, { ...DEFAULTS, late_by_s: 301 }))
  assert.ok(!same(DEFAULTS, { ...DEFAULTS, late_by_s: Number.NaN }))
})

test("a kind that only the server knows is shown, and kept", () => {
  assert.deepEqual(shownKinds({ ...DEFAULTS, kinds: ["late", "breakdown"] }), [
    ...DEFAULTS.kinds,
    "breakdown",
  ])
})
