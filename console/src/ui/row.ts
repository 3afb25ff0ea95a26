/** One courier in the list. */
import type { Entry } from "../core/board"
import { age, doubtful } from "../core/model"
import { ago, distance, hour, percent, t } from "../i18n"
import { attribute, h, write } from "./dom"
import { shapeInto, stateIcon } from "./icons"

export interface Place {
  readonly x: number
  readonly y: number
}

export class Row {
  readonly element: HTMLElement
  private readonly shape = stateIcon("idle")
  private readonly who = h("span", { class: "who" })
  private readonly share = h("span", { class: "share" })
  private readonly fill = h("i")
  private readonly where = h("span", { class: "where" })
  private readonly badge = h("span", { class: "badge" })
  private readonly doubt = h("span", { class: "doubt" })
  private readonly arrives = h("span", { class: "arrives" })
  private readonly when = h("span", { class: "when" })
  private index = -1

  constructor(id: string) {
    this.element = h(
      "div",
      { class: "row", role: "option", id },
      this.shape,
      this.who,
      this.share,
      h("span", { class: "bar" }, this.fill),
      h("span", { class: "foot" }, this.badge, this.doubt, this.where, this.arrives, this.when),
    )
  }

  /** Where it stands in the whole list; rows slide when the order changes. */
  at(index: number, total: number, height: number): void {
    attribute(this.element, "aria-posinset", String(index + 1))
    attribute(this.element, "aria-setsize", String(total))
    if (index === this.index) return
    this.index = index
    this.element.style.transform = `translateY(${index * height}px)`
  }

  /** now: server time [s]. place: the dot on the screen, where it is drawn. */
  show(
    entry: Entry,
    now: number,
    routeName: (route: string) => string,
    selected: boolean,
    place: Place | null,
  ): void {
    const { courier, shown } = entry
    const { element } = this
    const fraction = courier.fraction
    attribute(element, "data-courier", courier.courier)
    attribute(element, "data-state", shown)
    attribute(element, "data-fraction", fraction === null ? null : String(fraction))
    attribute(element, "data-x", place?.x.toFixed(1) ?? null)
    attribute(element, "data-y", place?.y.toFixed(1) ?? null)
    attribute(element, "aria-selected", String(selected))
    shapeInto(this.shape, shown)
    write(this.who, courier.courier)
    write(this.share, fraction === null ? "" : percent(fraction))
    this.fill.style.transform = `scaleX(${fraction ?? 0})`
    write(this.where, courier.route === null ? t("row.noroute") : routeName(courier.route))
    const at = courier.arrives_at
    write(this.arrives, at === null || at < now ? "" : t("row.arrives", { time: hour(at) }))
    write(this.badge, this.said(entry))
    // What the colour says of a courier on its way is only heard.
    this.badge.classList.toggle("hidden", shown === "on_route")
    write(this.doubt, doubtful(courier) ? t(courier.mock > 0 ? "row.mock" : "row.implausible") : "")
    const since = age(courier, now)
    write(this.when, since === null ? t("row.nopos") : ago(since))
  }

  private said({ courier, shown }: Entry): string {
    if (shown !== "off_route" || courier.offset_m === null) return t(`state.${shown}`)
    return t("row.offroute", { distance: distance(courier.offset_m) })
  }
}
