/** Tasks: what is offered and how it goes; the form that offers more, once or again and again. */
import { href, Onward } from "../core/address"
import type { Happening } from "../core/alerts"
import { Problem, Unreachable } from "../core/api"
import { ask } from "../desk/ask"
import type { Values } from "../desk/form"
import { Sheet } from "../desk/sheet"
import { Shelf } from "../desk/shelf"
import { age } from "../desk/when"
import type { Key } from "../i18n"
import type { Office, Page } from "../page"
import { h, say } from "../ui/dom"
import { likeSchedule, likeTask } from "./draft"
import { Making } from "./making"
import { scheduleRow, taskRow } from "./row"
import { scheduleSheet, taskSheet } from "./sheets"
import * as api from "./tasks"
import { type Schedule, STATUSES, type Task, type Trip } from "./tasks"

const NEW = "new"
const RECURRING = "recurring"
/** What is told of more tasks than these at once is asked for as a list. */
const FEW = 12
const SOON_MS = 1_000
const AGES_MS = 15_000
/** What no event told, as the connection was away, is seen then. */
const AGAIN_MS = 60_000

export class Tasks implements Page {
  readonly parts: readonly HTMLElement[]
  private readonly sheet = new Sheet(href("tasks"))
  private readonly shelf: Shelf<Task | Schedule>
  private readonly making: Making
  private readonly names = new Map<string, string>()
  private thing: string | null = null
  private open: { task: Task; trips: readonly Trip[]; next: string | null } | null = null
  private inFront = false
  /** Told on the thing that comes next. */
  private news: Key | null = null
  private readonly touched = new Set<string>()
  private soon: ReturnType<typeof setTimeout> | undefined
  private readonly over = new AbortController()

  constructor(private readonly office: Office) {
    this.shelf = new Shelf<Task | Schedule>({
      page: "tasks",
      title: "tasks.title",
      filters: [
        ...STATUSES.map((key) => ({ key, label: `tasks.status.${key}` as Key })),
        { key: RECURRING, label: "schedule.many" },
      ],
      empty: { title: "tasks.none.title", next: office.desk.admin ? "tasks.none.next" : "tasks.none.wait" },
      fetch: (filter, after, signal) => this.fetch(filter, after, signal),
      id: (item) => ("schedule" in item ? item.schedule : item.task),
      row: (item) =>
        "schedule" in item
          ? scheduleRow(item, (route) => this.name(route))
          : taskRow(item, (route) => this.name(route)),
    })
    this.making = new Making(office.desk, this.sheet, (made, onward) => this.made(made, onward))
    if (office.desk.admin)
      this.shelf.tools.append(say(h("a", { class: "small", href: href("tasks", NEW) }), "form.new"))
    this.parts = [this.shelf.element, this.sheet.element]
    this.every(AGES_MS, () => this.age())
    this.every(AGAIN_MS, () => void this.shelf.freshen())
  }

  enter(thing: string | null): void {
    const first = !this.inFront
    this.inFront = true
    this.thing = thing
    this.open = null
    this.shelf.select(thing)
    this.sheet.hush()
    if (first) {
      void this.nameRoutes()
      if (thing?.startsWith("sc_") && this.shelf.chosen !== RECURRING) this.shelf.choose(RECURRING)
      else void this.shelf.reload()
    }
    this.show()
    if (this.news) this.sheet.tell(this.news)
    this.news = null
  }

  leave(): void {
    this.inFront = false
  }

  happened(events: readonly Happening[]): void {
    if (!this.inFront) return
    for (const { type, data } of events) {
      const { task } = (data ?? {}) as { task?: unknown }
      if (/^(task|trip)\./.test(type) && typeof task === "string") this.touched.add(task)
    }
    if (this.touched.size > 0) this.soon ??= setTimeout(() => void this.refresh(), SOON_MS)
  }

  speak(): void {
    this.shelf.again()
    this.making.speak()
    if (!this.inFront || this.thing === NEW) return
    if (this.open) this.showTask()
    else this.show()
  }

  end(): void {
    this.shelf.end()
    clearTimeout(this.soon)
    this.over.abort()
  }

  private async fetch(filter: string, after: string | null, signal: AbortSignal) {
    if (filter !== RECURRING) return api.tasks(this.office.desk, filter, after, signal)
    return { items: await api.schedules(this.office.desk, signal), next: null }
  }

  private show(): void {
    const { thing, sheet, office } = this
    if (thing === NEW && office.desk.admin) this.making.show(this.currency())
    else if (thing?.startsWith("sc_")) void this.openSchedule(thing)
    else if (thing && thing !== NEW) void this.openTask(thing)
    else sheet.nothing("desk.nothing")
  }

  private openTask(id: string): Promise<void> {
    const { desk } = this.office
    return this.sheet.open(
      async (signal) => Promise.all([api.task(desk, id, signal), api.trips(desk, id, null, signal)] as const),
      ([task, { items, next }]) => {
        this.open = { task, trips: items, next }
        this.showTask()
      },
    )
  }

  private showTask(): void {
    if (!this.open) return
    const { task, trips, next } = this.open
    const { sheet } = this
    const may = this.office.desk.admin
    const over = task.status === "withdrawn" || task.status === "closed"
    const actions = [
      may && this.liking((now, zone) => likeTask(task, now, zone)),
      may && !over && sheet.act("tasks.withdraw", "small", () => this.withdraw(task)),
    ]
    const more = next ? sheet.act("desk.more", "small more", () => this.moreTrips()) : null
    const parts = taskSheet(task, trips, more, this.world(actions))
    sheet.put(...parts)
  }

  private async moreTrips(): Promise<void> {
    const { open } = this
    if (!open) return
    const { items, next } = await api.trips(this.office.desk, open.task.task, open.next)
    if (this.open !== open) return
    this.open = { ...open, trips: [...open.trips, ...items], next }
    this.showTask()
  }

  private openSchedule(id: string): Promise<void> {
    return this.sheet.open(
      async (signal) =>
        (await api.schedules(this.office.desk, signal)).find(({ schedule }) => schedule === id),
      (found) => {
        if (!found) return this.sheet.nothing("schedule.gone")
        const may = this.office.desk.admin
        const actions = [
          may && this.liking(() => likeSchedule(found)),
          may && this.sheet.act("schedule.remove", "small", () => this.remove(found)),
        ]
        this.sheet.put(...scheduleSheet(found, this.world(actions)))
      },
    )
  }

  private world(actions: readonly (Node | false)[]) {
    const routeName = (route: string) => this.name(route)
    return { routeName, actions: actions.filter((it): it is Node => it !== false) }
  }

  /** A button that begins another one like this. */
  private liking(make: (now: number, zone: string) => Values): HTMLButtonElement {
    return this.sheet.act("form.like", "small", async () => {
      const onward = new Onward()
      if (await this.making.like(make)) onward.go(href("tasks", NEW))
    })
  }

  private async withdraw({ task, title }: Task): Promise<void> {
    const onward = new Onward()
    const values = { title }
    if (
      (await ask({ title: "tasks.withdraw", text: "tasks.withdraw.sure", values, yes: "tasks.withdraw" })) ===
      null
    )
      return
    const gone = await api.withdraw(this.office.desk, task)
    this.amend(gone)
    if (onward.open) this.sheet.tell("tasks.withdrawn")
  }

  private async remove({ schedule }: Schedule): Promise<void> {
    const onward = new Onward()
    if (
      (await ask({ title: "schedule.remove", text: "schedule.remove.sure", yes: "schedule.remove" })) === null
    )
      return
    await api.removeSchedule(this.office.desk, schedule)
    this.news = "schedule.removed"
    void this.shelf.reload()
    onward.go(href("tasks"))
  }

  private made(made: Task | Schedule, onward: Onward): void {
    this.news = "schedule" in made ? "schedule.made" : "tasks.made"
    this.shelf.choose("schedule" in made ? RECURRING : made.status)
    onward.replace(href("tasks", "schedule" in made ? made.schedule : made.task))
  }

  /** Asks for what was told of, without taking away what is looked at. */
  private async refresh(): Promise<void> {
    this.soon = undefined
    const told = [...this.touched]
    this.touched.clear()
    if (!this.inFront) return
    if (told.length > FEW || this.shelf.chosen === RECURRING) void this.shelf.reload()
    else
      for (const id of told) await this.quietly(async () => this.amend(await api.task(this.office.desk, id)))
    const { open } = this
    if (!open || !told.includes(open.task.task)) return
    await this.quietly(async () => {
      const { items, next } = await api.trips(this.office.desk, open.task.task, null)
      if (this.open?.task.task !== open.task.task) return
      this.open = { ...this.open, trips: items, next }
      this.showTask()
    })
  }

  private amend(task: Task): void {
    if (this.shelf.chosen !== RECURRING) this.shelf.amend(task, task.status === this.shelf.chosen)
    if (this.open?.task.task !== task.task) return
    this.open = { ...this.open, task }
    this.showTask()
  }

  private async nameRoutes(): Promise<void> {
    await this.quietly(async () => {
      const { desk } = this.office
      const [published, retired] = await Promise.all([
        api.routes(desk, "published"),
        api.routes(desk, "retired"),
      ])
      for (const { route, name } of [...retired, ...published]) this.names.set(route, name)
      this.making.offer(published)
      this.shelf.again()
      if (this.open) this.showTask()
    })
  }

  private name(route: string): string {
    return this.names.get(route) ?? route
  }

  /** That of the newest task which is listed. */
  private currency(): string | null {
    const newest = this.shelf.first
    return newest ? ("schedule" in newest ? newest.task : newest).bonus.currency : null
  }

  /** What fails stays as it was; the next event asks again. */
  private async quietly(doing: () => Promise<void>): Promise<void> {
    try {
      await doing()
    } catch (error) {
      if (!(error instanceof Problem || error instanceof Unreachable)) throw error
    }
  }

  private age(): void {
    for (const part of this.parts) age(part)
  }

  /** While the page is in front and in sight. */
  private every(ms: number, doing: () => void): void {
    const timer = setInterval(() => this.inFront && !document.hidden && doing(), ms)
    this.over.signal.addEventListener("abort", () => clearInterval(timer))
  }
}
