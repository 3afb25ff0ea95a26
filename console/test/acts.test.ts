import assert from "node:assert/strict"
import { afterEach, test } from "node:test"
import { Problem, saidBy, Unreachable } from "../src/core/api"
import { inWords } from "../src/core/reasons"
import { setLanguage } from "../src/i18n"
import { ofCourier } from "../src/trips/acts"

afterEach(() => setLanguage("en"))

function thrown(error: unknown): unknown {
  try {
    return ofCourier(error)
  } catch (again) {
    return again
  }
}

test("whatever is refused of another courier is told at their field, in the page's language", () => {
  const said = { code: "courier-has-enough", given: { courier: "wei", open: 3, most: 3 } }
  const told = thrown(new Problem(409, "wei has 3 open trips.", [], said)) as Problem
  const [fault] = told.faults
  assert.equal(fault?.field, "courier")
  setLanguage("zh")
  assert.match(inWords(saidBy(fault!)).text, /^wei 已有 3 个未结束的行程/)
})

test("what has no code, has a field already, or is no refusal stays as it is", () => {
  const told = thrown(new Problem(409, "No.")) as Problem
  assert.deepEqual(told.faults, [{ field: "courier", reason: "No." }])
  const placed = new Problem(400, "No.", [{ field: "note", reason: "is long" }])
  for (const error of [placed, new Problem(503, "Later."), new Unreachable("no")])
    assert.equal(thrown(error), error)
})
