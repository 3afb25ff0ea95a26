/** The alerts that are open, newest first, above the list of couriers. */
import type { Alert, Alerts, Kind } from "../core/alerts"
import type { State } from "../core/model"
import { ago, number, t } from "../i18n"
import { attribute, button, h, name, say, write } from "./dom"
import { icon, stateIcon } from "./icons"

/** So many rows at once; the count tells of the rest. */
const SHOWN = 30

export interface AlertWorld {
  readonly alerts: Alerts
  choose(courier: string): void
}

interface Line {
  readonly element: HTMLElement
  readonly age: HTMLElement
  readonly alert: Alert
}

export class AlertList {
  readonly element: HTMLElement
  private readonly count = h("b", { class: "total" }, "0")
  private readonly list = h("ul")
  private lines: Line[] = []
  private revision = -1

  constructor(private readonly world: AlertWorld) {
    const head = h("div", { class: "alerts-head" }, say(h("h2"), "alerts.title"), this.count)
    this.element = name(h("section", { class: "alerts", hidden: true }, head, this.list), "alerts.title")
  }

  /** now: server time [s]. */
  show(now: number): void {
    const { alerts } = this.world
    if (alerts.revision !== this.revision) {
      this.revision = alerts.revision
      this.draw(alerts.list())
    }
    for (const { age, alert } of this.lines) write(age, ago(Math.max(0, now - alert.raised_at)))
  }

  /** After a change of language. */
  again(): void {
    this.revision = -1
  }

  private draw(open: Alert[]): void {
    this.element.hidden = open.length === 0
    write(this.count, number(open.length))
    this.lines = open.slice(0, SHOWN).map((alert) => this.line(alert))
    this.list.replaceChildren(...this.lines.map((line) => line.element))
  }

  private line(alert: Alert): Line {
    const age = h("span", { class: "when" })
    const what = h("b", {}, t(`alert.${alert.kind}`))
    const who = h("button", { type: "button", class: "who" }, picture(alert.kind), what, alert.courier, age)
    who.addEventListener("click", () => this.world.choose(alert.courier))
    const element = h("li", { "data-alert": alert.alert, "data-kind": alert.kind }, who)
    if (alert.acknowledged_by !== null) {
      attribute(element, "data-acknowledged", "")
      element.append(h("span", { class: "seen" }, t("alerts.seen", { user: alert.acknowledged_by })))
    } else element.append(button("alerts.acknowledge", "small", () => this.acknowledge(alert)))
    return { element, age, alert }
  }

  private acknowledge(alert: Alert): void {
    // Its place in the list is kept: the row that comes instead takes the focus.
    void this.world.alerts.acknowledge(alert.alert).catch(() => {
      const row = this.list.querySelector(`[data-alert="${alert.alert}"] .small`)
      if (row) say(row, "alerts.again")
    })
  }
}

const STATES: Partial<Record<Kind, State>> = {
  off_route: "off_route",
  stalled: "stalled",
  silent: "silent",
  arrived: "arrived",
  finished: "finished",
}

function picture(kind: Kind): SVGElement {
  const state = STATES[kind]
  return state ? stateIcon(state) : icon(kind === "late" ? "clock" : "battery")
}
