import assert from "node:assert/strict"
import { afterEach, test } from "node:test"
import { Problem, saidBy } from "../src/core/api"
import { inWords } from "../src/core/reasons"
import { setLanguage } from "../src/i18n"

afterEach(() => setLanguage("en"))

const early = { text: "must be …", code: "wrong-length", given: { wanted: "str", sign: "<=", limit: "3" } }

test("a reason is the server's text in English, and said from its values in Chinese", () => {
  assert.deepEqual(inWords(early), { text: "must be …", lang: null })
  setLanguage("zh")
  assert.deepEqual(inWords(early), { text: "文本的长度须 <= 3", lang: null })
})

test("a reason that stands alone is a sentence", () => {
  assert.equal(inWords({ text: "must be “a”", alone: true }).text, "Must be “a”.")
  assert.equal(inWords({ text: "No.", alone: true }).text, "No.")
  setLanguage("zh")
  assert.equal(inWords({ ...early, alone: true }).text, "文本的长度须 <= 3。")
})

test("what is not known stays English, and says so", () => {
  setLanguage("zh")
  assert.deepEqual(inWords({ text: "No." }), { text: "No.", lang: "en" })
  assert.deepEqual(inWords({ text: "No.", code: "of-tomorrow", given: {} }), { text: "No.", lang: "en" })
  assert.deepEqual(inWords({ ...early, given: { sign: "<=" } }), { text: "must be …", lang: "en" })
  const strange = { text: "No.", code: "settled-again", given: { total: "1", revision: 1 } }
  assert.deepEqual(inWords(strange), { text: "No.", lang: "en" })
  assert.deepEqual(inWords({ ...strange, code: "task-closed", given: { closed_at: "?" } }).lang, "en")
})

test("a reason in a reason, words and types are said too", () => {
  setLanguage("zh")
  const given = { field: "name", reason: early }
  assert.equal(inWords({ text: "", code: "wrong-field", given }).text, "字段 name：文本的长度须 <= 3。")
  const roles = { roles: ["manager", "admin"], role: "courier" }
  assert.equal(
    inWords({ text: "", code: "role-needed", given: roles }).text,
    "此操作需要角色：经理、管理员；您当前的角色是骑手。",
  )
  const type = { wanted: "whole number | null", got: "string" }
  assert.equal(inWords({ text: "", code: "wrong-type", given: type }).text, "应为整数或空值，收到的是文本")
})

test("values are written as the page writes them elsewhere", () => {
  setLanguage("zh")
  const inChinese = (code: string, given: Record<string, unknown>) => inWords({ text: "", code, given }).text
  const stop = { stop: 2, name: "码头", off_m: 1234.5, radius_m: 50 }
  assert.match(inChinese("stop-off-line", stop), /第 3 站“码头”距路线 1,234\.5 m，超出其半径 50 m/)
  const over = { state: "paid", action: "approve", wanted: ["finished", "settled"] }
  assert.match(inChinese("trip-over", over), /^行程已付款.*“批准”.*：已完成、待审批。$/)
  const paid = { total: "12.50", currency: "CNY", revision: 2, trip: "tr_1" }
  assert.match(inChinese("settled-again", paid), /修订 2 应付 ¥12\.50/)
  assert.match(inChinese("task-closed", { closed_at: 1795492800 }), /于 2026年11月24日 /)
})

test("a length that is refused is never rounded to one that is not", () => {
  setLanguage("zh")
  const inChinese = (code: string, given: Record<string, unknown>) => inWords({ text: "", code, given }).text
  const stop = { stop: 0, name: "码头", low_m: 10, high_m: 500 }
  assert.match(inChinese("stop-radius", { ...stop, radius_m: 504 }), /半径为 504 m；可为 10 m 至 500 m$/)
  assert.match(inChinese("stop-radius", { ...stop, radius_m: 9.6 }), /半径为 9\.6 m；/)
  const near = { ...stop, off_m: 104.2, radius_m: 100 }
  assert.match(inChinese("stop-off-line", near), /距路线 104\.2 m，超出其半径 100 m/)
  const order = { ...stop, before: 1, name_before: "仓库", last_m: 12_310, first_m: 12_330 }
  assert.match(inChinese("stops-in-disorder", order), /最晚在 12,310 m .*不早于 12,330 m 处/)
})

test("a problem and a fault bring their codes along", () => {
  const problem = new Problem(409, "No.", [], { code: "no", given: { n: 1 } })
  assert.deepEqual(saidBy(problem), { text: "No.", code: "no", given: { n: 1 } })
  const fault = { field: "at", reason: "is far", code: "far", given: {} }
  assert.deepEqual(saidBy(fault), { text: "is far", code: "far", given: {} })
})
