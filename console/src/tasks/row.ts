/** A task or a schedule as a row of the list. */
import { badge } from "../desk/parts"
import { when } from "../desk/when"
import { type Key, money, number, t } from "../i18n"
import { h } from "../ui/dom"
import { inWords } from "./cron"
import type { Bonus, Schedule, Task } from "./tasks"

type RouteName = (route: string) => string

export function taskRow(task: Task, routeName: RouteName): Node[] {
  return [
    line(h("b", {}, task.title), pays(task.bonus)),
    line(
      quiet(routeName(task.route)),
      quiet(t("tasks.places", { left: number(task.left), quantity: number(task.quantity) })),
    ),
    h("span", { class: "quiet times" }, ...times(task)),
    ...tagged(task.tags),
  ]
}

export function scheduleRow(schedule: Schedule, routeName: RouteName): Node[] {
  const { task, cron, next } = schedule
  const [first] = next
  return [
    line(h("b", {}, task.title || routeName(task.route)), pays(task.bonus)),
    quiet(`${inWords(cron) ?? cron} · ${schedule.time_zone}`),
    h(
      "span",
      { class: "quiet times" },
      first === undefined ? t("schedule.never") : pair("schedule.first", first),
      schedule.failed !== null && badge("bad", t("schedule.failing")),
    ),
    ...tagged(task.tags ?? []),
  ]
}

/** What is still to come, and the last that was. */
function times({ status, opens, closes, deadline }: Task): Node[] {
  const coming = status === "scheduled" || status === "open"
  return [
    ...(status === "scheduled" ? [pair("tasks.opens.at", opens)] : []),
    ...(coming && closes !== deadline ? [pair("tasks.closes.at", closes)] : []),
    ...(status === "closed" ? [pair("tasks.closed.at", closes)] : []),
    pair("tasks.deadline.at", deadline),
  ]
}

const pair = (key: Key, at: number): Node => h("span", {}, `${t(key)} `, when(at))
const quiet = (text: string): Node => h("span", { class: "quiet clip" }, text)
const line = (...parts: Node[]): Node => h("span", { class: "between" }, ...parts)
const pays = ({ amount, currency }: Bonus): Node => h("span", { class: "pays" }, money(amount, currency))

function tagged(tags: readonly string[]): Node[] {
  return tags.length ? [h("span", { class: "tags" }, ...tags.map((tag) => badge("tag", tag)))] : []
}
