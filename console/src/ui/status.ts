/** Whether what one sees is live: the pill in the header, and the banner over the map when it is not. */
import type { Status } from "../core/stream"
import { t, time } from "../i18n"
import { attribute, button, h, say, write } from "./dom"

export class StatusLine {
  readonly pill: HTMLElement
  readonly banner: HTMLElement
  private readonly text = h("span", { class: "status-text" })
  private readonly spoken = h("span", { class: "hidden", role: "status" })
  private readonly since = h("span", { class: "since" })
  private readonly countdown = h("span", { class: "countdown" })
  private status: Status = { kind: "connecting" }
  private wasLive = false

  constructor(retry: () => void) {
    this.pill = h(
      "div",
      { class: "status", "data-status": "connecting" },
      h("i", { class: "lamp" }),
      this.text,
      this.spoken,
    )
    const now = button("status.now", "small", retry)
    this.banner = h("div", { class: "banner", hidden: true }, this.since, this.countdown, now)
  }

  /** heard: server time of the newest frame [s]. */
  show(status: Status, heard: number | null): void {
    this.status = status
    this.wasLive ||= status.kind === "live"
    attribute(this.pill, "data-status", this.word())
    if (status.kind === "live") say(this.spoken, "status.announce.live")
    else if (status.kind === "waiting") say(this.spoken, "status.announce.lost")
    this.tick(heard)
  }

  /** Once a second, and after a change of language. */
  tick(heard: number | null): void {
    const said = this.said()
    write(this.text, said)
    this.banner.hidden = this.status.kind === "live" || (!this.wasLive && this.status.kind !== "waiting")
    if (this.banner.hidden) return
    write(this.since, heard === null ? t("app.unreachable.title") : t("status.stale", { time: time(heard) }))
    write(this.countdown, said)
  }

  private word(): string {
    if (this.status.kind === "waiting") return "reconnecting"
    if (this.status.kind === "connecting") return this.wasLive ? "reconnecting" : "connecting"
    return this.status.kind === "live" ? "live" : "signed-out"
  }

  private said(): string {
    if (this.status.kind === "live") return t("status.live")
    if (!navigator.onLine) return t("status.offline")
    if (this.status.kind === "waiting") {
      const seconds = Math.max(1, Math.ceil((this.status.until - Date.now()) / 1000))
      return t("status.waiting", { seconds })
    }
    return t(this.wasLive ? "status.reconnecting" : "status.connecting")
  }
}
