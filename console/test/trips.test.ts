import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import { test } from "node:test"
import { Line } from "../src/core/geometry"
import type { TripState } from "../src/core/trips"
import { setLanguage } from "../src/i18n"
import { possible } from "../src/trips/acts"
import { less } from "../src/trips/exact"
import { newest } from "../src/trips/newest"
import { Outline } from "../src/trips/outline"
import { remark, who, why } from "../src/trips/said"

const given = { covered_percent: "61.50", full_percent: 95, none_percent: 5 }
const line = { rule: "coverage", amount: "-4.65", text: "In English.", given }
const lap = new Line(
  "lap@1",
  "Lap",
  [
    [121.47, 31.23],
    [121.48, 31.23],
  ],
  955,
)
const ping = (t: number, lon: number) => ({ t, lat: 31.23, lon })

test("several states are one list, newest first, and every page follows the one before", async () => {
  const states = [
    ["9", "6", "5", "1"],
    ["8", "4"],
    ["7", "3", "2"],
  ]
  const page = (after: string | null) =>
    states.map(async (ids) => {
      const behind = ids.filter((id) => after === null || id < after)
      return { items: behind.slice(0, 2), next: behind.length > 2 ? behind[1]! : null }
    })
  const found: string[] = []
  let after: string | null = null
  do {
    const { items, next }: { items: readonly string[]; next: string | null } = await newest(
      page(after),
      2,
      String,
    )
    found.push(...items)
    after = next
  } while (after !== null)
  assert.deepEqual(found, ["9", "8", "7", "6", "5", "4", "3", "2", "1"])
})

test("amounts are told apart exactly", () => {
  assert.equal(less("14.00", "12.50"), "1.50")
  assert.equal(less("9.64", "14.00"), "-4.36")
  assert.equal(less("0.10", "0.30"), "-0.20")
  assert.equal(less("100", "25"), "75")
  assert.equal(less("123456789012.345", "0.001"), "123456789012.344")
})

test("why a line is there is said in both languages from its numbers", () => {
  setLanguage("en")
  assert.equal(
    why(line, "CNY"),
    "61.50 % of the route was ridden; the whole base is paid from 95 %, none up to 5 %.",
  )
  const late = {
    rule: "late",
    amount: "-0.40",
    text: "",
    given: { minutes: 7, grace_minutes: 5, per_minute: "0.20" },
  }
  assert.match(why(late, "EUR"), /^7 min late, 5 min of them free, €0\.20 for each other minute\.$/)
  setLanguage("zh")
  assert.match(why(line, "CNY"), /^骑行了路线的 61\.50%/)
  assert.match(why({ ...line, rule: "limits", given: { least: "3.00" } }, "CNY"), /^最低支付 ¥3\.00。$/)
})

test("whether a finish was in time is said with what speaks for it, and against it", () => {
  const on_time = (given: Record<string, unknown>) => why({ ...line, rule: "on_time", given }, "CNY")
  const far = { finished_at: 0, not_before: 76, left_m: 1532, counts: "ride" }
  setLanguage("en")
  assert.equal(on_time({}), "Finished by the deadline.")
  assert.match(on_time(far), /^No reward: .*was 1,532 m from the end.*before \d\d:\d\d:16\.$/)
  assert.match(on_time({ ...far, arrived_at: 30 }), /^Finished by the deadline.*was at the end at .*:30\.$/)
  assert.match(on_time({ ...far, counts: "stated" }), /^Finished by the deadline.*as the courier states/)
  assert.equal(on_time({ ...far, counts: "weather" }), "In English.")
  setLanguage("zh")
  assert.match(on_time(far), /^无准时奖励：.*1,532 米/)
  assert.match(on_time({ ...far, counts: "stated" }), /^按骑手申报/)
})

test("what is not known is said in the server's words", () => {
  setLanguage("zh")
  assert.equal(why({ ...line, rule: "weather" }, "CNY"), "In English.")
  assert.equal(why({ ...line, given: { covered_percent: "61.50" } }, "CNY"), "In English.")
  assert.equal(why({ ...line, given: { ...given, full_percent: { of: 95 } } }, "CNY"), "In English.")
})

test("what the system did is told apart from what people wrote", () => {
  setLanguage("en")
  const settled = {
    rev: 5,
    at: 0,
    by: "system",
    role: "system",
    action: "settle",
    note: "revision 2: 14.00 EUR",
  }
  assert.deepEqual(remark(settled), { text: "Revision 2: €14.00", payout: false })
  assert.equal(who(settled), "Milepost")
  const typed = { ...settled, by: "max", role: "manager", action: "approve" }
  assert.deepEqual(remark(typed), { text: "revision 2: 14.00 EUR", payout: false })
  assert.equal(who(typed), "max · Manager")
  const paid = { ...typed, role: "admin", action: "pay", note: "po_1mz8b402cp7x9d3h" }
  assert.equal(remark(paid).payout, true)
})

test("the buttons are those of the table of a trip's life", async () => {
  const life = await readFile("../docs/life.md", "utf8")
  const rows = life.split("\n").map((row) => row.split("|").map((cell) => cell.trim()))
  for (const role of ["manager", "admin"] as const) {
    const may = { manager: role === "manager", admin: role === "admin" }
    for (const state of [
      "claimed",
      "started",
      "paused",
      "finished",
      "settled",
      "approved",
      "paid",
      "abandoned",
    ]) {
      // An admin pays with a payout, not with a button at a trip.
      const told = rows.filter(
        ([, , from, , by]) => from?.split(", ").includes(state) && by?.split(", ").includes(role),
      )
      const acts = told.map(([, action]) => action).filter((action) => action !== "pay")
      assert.deepEqual(possible(state as TripState, may).sort(), acts.sort(), `${role} ${state}`)
    }
  }
})

test("a picture holds route and track, and no line where nobody knows the way", () => {
  const outline = new Outline(lap, [ping(0, 121.47), ping(10, 121.471), ping(1_000, 121.48)])
  assert.deepEqual([outline.width, outline.height].map(Math.round), [1_000, 200])
  assert.equal(outline.route(), "M0 100L1000 100")
  assert.equal(outline.route(955 / 2), "M0 100L500 100")
  assert.equal(outline.track(), "M0 100L100 100M1000 100")
  assert.equal(new Outline(lap, []).track(), "")
  const one = new Line(
    "dot@1",
    "Dot",
    [
      [121.47, 31.23],
      [121.47, 31.23],
    ],
    0,
  )
  assert.match(new Outline(one, []).route(), /^M[\d.]+ [\d.]+L[\d.]+ [\d.]+$/)
})
