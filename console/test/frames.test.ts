import assert from "node:assert/strict"
import { test } from "node:test"
import { BadFrame, decode } from "../src/core/columns"
import { Assembly, type Part, parse } from "../src/core/frames"
import { columns, courier } from "./rows"

const rows = [courier(), courier({ courier: "wang", trip: null, route: null, along_m: null, t: null })]
const part = (id: string, index: number, parts: number, who: string): Part => ({
  type: "snapshot",
  id,
  part: index,
  parts,
  at: 1,
  silentAfter: 120,
  couriers: [courier({ courier: who })],
})
const names = (part: Part[] | null, assembly: Assembly) =>
  part?.map((one) => assembly.add(one)?.map((row) => row.courier) ?? null)

test("columns come back as the rows they were made of", () => {
  assert.deepEqual(decode(columns(rows)), rows)
  assert.deepEqual(decode(columns([])), [])
})

const broken: [string, (columns: Record<string, unknown>) => void, RegExp][] = [
  ["a missing column", (c) => delete c.offset_m, /offset_m is missing/],
  ["a short column", (c) => (c.lat = [31]), /lat has 1 rows, not 2/],
  ["text for a number", (c) => (c.t = ["now", 1]), /t\[0\] is "now"/],
  ["an unknown state", (c) => (c.state = ["on_route", "lost"]), /state\[1\] is "lost"/],
  ["no version", (c) => (c.version = [1, null]), /version\[1\] is null/],
]
for (const [name, harm, message] of broken) {
  test(`${name} is refused by name`, () => {
    const columnsOf = columns(rows)
    harm(columnsOf)
    assert.throws(() => decode(columnsOf), { message })
  })
}

test("a frame is an update, a part of a snapshot, an answer, or refused", () => {
  const update = parse(JSON.stringify({ type: "update", at: 5, couriers: columns(rows) }))
  assert.deepEqual(update, { type: "update", at: 5, couriers: rows })
  const said = { type: "snapshot", id: "a", part: 0, parts: 1, at: 5, couriers: columns([]) }
  const snapshot = parse(JSON.stringify({ ...said, silent_after_s: 90 }))
  assert.equal(snapshot.type === "snapshot" && snapshot.silentAfter, 90)
  assert.equal(parse('{"type":"subscribed","topic":"fleet/demo"}').type, "subscribed")
  assert.equal(parse('{"type":"news"}').type, "unknown")
  for (const text of ["{", "null", '{"type":"update","couriers":{}}']) {
    assert.throws(() => parse(text), BadFrame)
  }
})

test("a snapshot is whole when all its parts are there, in whatever order, once", () => {
  const assembly = new Assembly()
  const parts = [part("a", 1, 2, "wang"), part("a", 1, 2, "wang"), part("a", 0, 2, "mei")]
  assert.deepEqual(names(parts, assembly), [null, null, ["wang", "mei"]])
})

test("parts of an older snapshot never complete a newer one", () => {
  const assembly = new Assembly()
  const parts = [part("a", 0, 2, "old"), part("b", 1, 2, "wang"), part("b", 0, 2, "mei")]
  assert.deepEqual(names(parts, assembly), [null, null, ["wang", "mei"]])
})
