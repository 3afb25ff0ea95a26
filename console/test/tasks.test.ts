import assert from "node:assert/strict"
import { test } from "node:test"
import type { Values } from "../src/desk/form"
import { said } from "../src/desk/when"
import { money, setLanguage } from "../src/i18n"
import { inWords, PATTERNS } from "../src/tasks/cron"
import {
  askedBonus,
  blank,
  body,
  bonus,
  fieldOf,
  likeSchedule,
  likeTask,
  local,
  seconds,
} from "../src/tasks/draft"
import { inOrder, matching } from "../src/tasks/picker"
import type { Schedule, Task } from "../src/tasks/tasks"
import { sentences } from "../src/tasks/terms"

process.env.TZ = "Europe/Berlin"
const NOW = new Date("2026-11-27T12:00:00+01:00").getTime() / 1000
const RULES = {
  on_time: { reward: "2.00" },
  late: { per_minute: "0.20", grace_minutes: 5 },
  coverage: { full_percent: 95, none_percent: 50 },
  off_route: { per_km: "1.00", free_m: 0 },
  limits: { least: "0.00", most: "15.00" },
}
const TASK: Task = {
  task: "tk_1",
  status: "open",
  route: "lap@1",
  title: "Morning lap",
  bonus: { amount: "12.50", currency: "CNY", rules: RULES },
  quantity: 3,
  left: 2,
  tags: ["bike", "night"],
  photos: 1,
  notes: "Ring.",
  opens: NOW + 3_600,
  closes: NOW + 7_200,
  start_from: null,
  start_until: NOW + 7_200,
  deadline: NOW + 10_800,
}
const SCHEDULE: Schedule = {
  schedule: "sc_1",
  cron: "0 8 * * 1-5",
  time_zone: "Asia/Shanghai",
  task: {
    route: "lap@1",
    bonus: TASK.bonus,
    closes_after: 90,
    start_until_after: null,
    deadline_after: 2_880,
  },
  next: [],
  failed: null,
  failed_at: null,
}

const sent = (values: Values) => {
  const ready = body(values)
  assert.ok("body" in ready, JSON.stringify(ready))
  return JSON.parse(JSON.stringify(ready.body))
}
const wrong = (values: Values) => {
  const ready = body(values)
  return "wrong" in ready ? ready.wrong.map(({ field }) => field) : []
}

test("another like a task asks for the same task", () => {
  const { task, status, left, start_from, closes, start_until, ...same } = TASK
  // What ends with the next is left to the server, and so is what was never said.
  const rules = { ...RULES, late: { per_minute: "0.20", grace_minutes: 5 } }
  const asked = { ...same, bonus: { ...TASK.bonus, rules }, start_until }
  assert.deepEqual(sent(likeTask(TASK, NOW, "Europe/Berlin")), asked)
})

test("another like a past task is at the same time of the next day that is to come", () => {
  const spring = new Date("2027-03-27T18:00:00+01:00").getTime() / 1000
  const past = { ...TASK, opens: spring - 3_600.5, closes: spring, start_until: spring, deadline: spring }
  const values = likeTask(past, spring + 60, "Europe/Berlin")
  assert.equal(values.deadline, "2027-03-28T18:00")
  assert.equal(values.opens, "")
  assert.equal(values.closes, "")
  assert.equal(seconds(values.deadline ?? ""), spring + 23 * 3_600) // the clocks go forward
  assert.equal(likeTask(past, spring - 60, "Europe/Berlin").deadline, "2027-03-27T18:00")
})

test("another like a schedule asks for the same, its spans in units that say them whole", () => {
  const values = likeSchedule(SCHEDULE)
  assert.deepEqual([values.closes_after, values["closes_after.unit"]], ["90", "minutes"])
  assert.deepEqual([values.deadline_after, values["deadline_after.unit"]], ["2", "days"])
  const { cron, time_zone, task } = sent(values)
  assert.deepEqual([cron, time_zone], [SCHEDULE.cron, SCHEDULE.time_zone])
  assert.equal(task.closes_after, 90)
  assert.equal(task.deadline_after, 2_880)
  assert.equal("start_until_after" in task, false)
  assert.deepEqual(task.bonus, TASK.bonus)
})

test("what is missing or no number is told at its field, and nothing is guessed", () => {
  const empty = blank("Europe/Berlin", "CNY")
  assert.deepEqual(wrong(empty), ["route", "bonus.amount", "deadline"])
  assert.deepEqual(wrong({ ...empty, mode: "again" }), ["route", "bonus.amount", "cron", "deadline_after"])
  const full = likeTask(TASK, NOW, "Europe/Berlin")
  assert.deepEqual(wrong({ ...full, quantity: "3.5", photos: "many" }), ["quantity", "photos"])
  assert.deepEqual(wrong({ ...full, closes: "?", deadline: "?" }), ["closes", "deadline"])
  assert.deepEqual(wrong({ ...full, "bonus.rules.on_time.reward": "" }), ["bonus.rules.on_time.reward"])
  assert.deepEqual(wrong({ ...likeSchedule(SCHEDULE), closes_after: "0.0001" }), ["closes_after"])
  assert.equal(
    sent({ ...likeSchedule(SCHEDULE), closes_after: "1.5", "closes_after.unit": "hours" }).task.closes_after,
    90,
  )
})

test("the bonus alone is asked about as the whole is sent, and not before it is complete", () => {
  const values = likeTask(TASK, NOW, "UTC")
  assert.deepEqual(askedBonus(values), { bonus: sent(values).bonus })
  const empty = { ...values, route: "", deadline: "", "bonus.currency": "eur", "bonus.amount": "12.505" }
  const asked = askedBonus(empty)
  assert.ok("bonus" in asked) // whether it may be so, the server says
  assert.deepEqual([asked.bonus.amount, asked.bonus.currency], ["12.505", "EUR"])
  const terms = { "bonus.rules.late.per_minute": "", "bonus.rules.late.grace_minutes": "some" }
  assert.deepEqual(askedBonus({ ...values, ...terms }), {
    wrong: [
      { field: "bonus.rules.late.per_minute", key: "desk.needed" },
      { field: "bonus.rules.late.grace_minutes", key: "form.whole" },
    ],
  })
})

test("money is sent as it was written, in decimals", () => {
  const values = {
    ...likeTask(TASK, NOW, "UTC"),
    "bonus.amount": "0.30",
    "bonus.rules.limits.most": "900719925474.993",
  }
  const { bonus } = sent(values)
  assert.equal(bonus.amount, "0.30")
  assert.equal(bonus.rules.limits.most, "900719925474.993")
})

test("tags are read as people separate them", () => {
  const values = { ...likeTask(TASK, NOW, "UTC"), tags: " bike, night，cold-chain " }
  assert.deepEqual(sent(values).tags, ["bike", "night", "cold-chain"])
})

test("a fault of the server finds its field, whichever form was sent", () => {
  const known = new Set([...Object.keys(blank("UTC", "CNY"))])
  const has = (name: string) => known.has(name)
  const cases = [
    ["deadline", "once", "deadline"],
    ["deadline", "again", "deadline_after"],
    ["closes", "again", "closes_after"],
    ["task.bonus.amount", "again", "bonus.amount"],
    ["task.deadline_after", "again", "deadline_after"],
    ["tags[1]", "once", "tags"],
    ["bonus.rules.late.currency", "once", "bonus.currency"],
    ["bonus.rules.late.wings", "once", "bonus.rules.late"],
    ["time_zone", "again", "time_zone"],
    ["weather", "once", "weather"],
  ] as const
  for (const [fault, mode, field] of cases) assert.equal(fieldOf(fault, mode, has), field, fault)
})

test("the terms are said in both languages, and while they are written", () => {
  setLanguage("en")
  assert.deepEqual(sentences(TASK.bonus), [
    "A trip pays CN¥12.50.",
    "CN¥2.00 is added for a finish by the deadline.",
    "CN¥0.20 is taken for each minute begun after the deadline; the first 5 minutes are free.",
    "All of the base is paid where 95% of the route or more was ridden, none of it up to 50%, and a share in proportion in between.",
    "CN¥1.00 is taken for each kilometre ridden away from the route.",
    "A trip never pays more than CN¥15.00.",
  ])
  setLanguage("zh")
  assert.equal(sentences(TASK.bonus)[2], "超过期限后，每开始一分钟扣 ¥0.20，前 5 分钟不扣。")
  setLanguage("en")
  const values = likeTask(TASK, NOW, "UTC")
  assert.deepEqual(sentences(bonus(values)!).length, 6)
  assert.equal(bonus({ ...values, "bonus.rules.limits.most": "1," }), null)
  assert.equal(bonus({ ...values, "bonus.currency": "C" }), null)
})

test("money has the decimals of its currency", () => {
  setLanguage("en")
  const shown = [money("1500", "JPY"), money("3.125", "KWD"), money("12.500", "IQD"), money("2", "EUR")]
  assert.deepEqual(
    shown.map((text) => text.replace(/[^\d.,]/g, "")),
    ["1,500", "3.125", "12.500", "2.00"],
  )
})

test("cron in words, or as it is where it is not common", () => {
  setLanguage("en")
  for (const [cron] of PATTERNS) assert.ok(inWords(cron), cron)
  const cases = [
    ["0 8 * * 1-5", "Monday to Friday at 08:00"],
    ["30 7,12 * * 6,0", "Every Saturday and Sunday at 07:30 and 12:30"],
    ["5 * * * *", "Every day each hour at minute 05"],
    ["*/20 * * * *", "Every day every 20 minutes"],
    ["0 8-18 * * 7", "Every Sunday each hour from 08:00 to 18:00"],
    ["0 8 1,15 * *", "On day 1 and 15 of each month at 08:00"],
    ["0 8 1 6 *", null],
    ["0 8 1 * 1", null],
    ["0,30 8 * * *", null],
    ["0 8 * * MON", null],
    ["0 25 * * *", null],
    ["", null],
  ] as const
  for (const [cron, words] of cases) assert.equal(inWords(cron), words, cron)
  setLanguage("zh")
  assert.equal(inWords("0 8 * * 1-5"), "星期一至星期五 08:00")
  setLanguage("en")
})

test("moments are said by how near they are", () => {
  setLanguage("en")
  const at = (text: string) => said(new Date(text).getTime() / 1000, NOW)
  assert.equal(at("2026-11-27T12:25:10+01:00"), "in 25 min")
  assert.equal(at("2026-11-27T11:20:00+01:00"), "40 min ago")
  assert.equal(at("2026-11-27T11:59:45+01:00"), "just now")
  assert.equal(at("2026-11-27T18:30:00+01:00"), "18:30")
  assert.equal(at("2026-11-28T00:10:00+01:00"), "tomorrow 00:10")
  assert.equal(at("2026-12-03T08:00:00+01:00"), "3 Dec, 08:00")
  assert.equal(at("2027-01-03T08:00:00+01:00"), "3 Jan 2027, 08:00")
  assert.equal(local(NOW), "2026-11-27T12:00")
})

test("routes are found by any words of name and id, the newest version first", () => {
  const route = (name: string, id: string) => ({ route: id, name, length_m: 1 })
  const all = inOrder([
    route("North ring", "north@2"),
    route("North ring", "north@10"),
    route("Harbour lap", "lap@1"),
  ])
  assert.deepEqual(
    all.map(({ route }) => route),
    ["lap@1", "north@10", "north@2"],
  )
  assert.deepEqual(matching(all, "ring @2", null), [all[2]])
  assert.deepEqual(matching(all, "", null), all)
  assert.deepEqual(matching(all, "Harbour lap", all[0]!), all)
})
