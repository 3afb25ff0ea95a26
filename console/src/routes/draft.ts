/** A draft and what is to be known of it before it is published. */
import { href } from "../core/address"
import type { Desk } from "../core/desk"
import { ask } from "../desk/ask"
import { badge, facts, head, section } from "../desk/parts"
import { distance, moment, number, speed, t } from "../i18n"
import { h, say } from "../ui/dom"
import { Findings, title } from "./findings"
import { standing } from "./overtaken"
import { ofDraft } from "./picture"
import { type Preview, publish, throwAway, type WholeDraft, wholeDraft } from "./routes"
import { after, stopsTable } from "./stops"
import { form } from "./thing"
import { columns, Fetched } from "./view"

export class DraftView extends Fetched<WholeDraft> {
  protected fetch(desk: Desk, signal: AbortSignal): Promise<WholeDraft> {
    return wholeDraft(desk, this.id, signal)
  }

  protected show(found: WholeDraft): void {
    const { sheet, plan, desk } = this.place
    const { properties: it } = found
    const { preview } = it
    const blocking = preview.warnings.filter(({ blocks }) => blocks).length
    const findings = new Findings(found, (n) => {
      findings.mark(n)
      plan.choose(n)
      plan.element.scrollIntoView({ block: "nearest" })
    })
    plan.pointed = (n) => {
      findings.mark(n)
      findings.show(n)
    }
    const none = say(h("p", { class: "quiet" }), "routes.findings.none")
    sheet.put(
      head(it.name, [it.route, badge("warn", t("routes.state.draft"))], desk.admin ? this.acts(found) : []),
      blocking > 0 &&
        h("p", { class: "blocked", id: BLOCKED }, t("routes.publish.blocked", { n: number(blocking) })),
      columns(
        plan,
        section("routes.findings", preview.warnings.length ? findings.element : none),
        this.facts(found),
        stopsTable(preview.stops),
      ),
    )
    void plan.show(ofDraft(found), (n) => t("routes.pin", { n, what: title(preview.warnings[n - 1]!) }))
  }

  private facts({ properties: it }: WholeDraft): HTMLElement {
    const { length_m, vertices, duration_s, pace, starts } = it.preview
    const drawn = number(vertices.drawn)
    const kept = vertices.simplified === null ? null : number(vertices.simplified)
    const time = duration_s === null ? null : after(duration_s)
    const at = { speed: speed(pace.speed_mps), dwell: after(pace.dwell_s) }
    return facts([
      ["routes.length", length_m === null ? null : distance(length_m)],
      ["routes.duration", time && t("routes.duration.pace", { time, ...at })],
      ["routes.starts", starts && ranges(starts)],
      ["routes.zone", it.time_zone ?? null],
      ["routes.points", kept === null ? drawn : t("routes.points.kept", { drawn, kept })],
      [
        "routes.changed",
        t("routes.changed.by", { when: moment(it.changed_at), by: it.changed_by, revision: it.revision }),
      ],
    ])
  }

  private acts(found: WholeDraft): HTMLElement[] {
    const { sheet } = this.place
    const link = (key: "routes.edit" | "routes.replace", act: "draw" | "import") =>
      say(h("a", { class: "small", href: href("routes", form(act, this.id)) }), key)
    const publishing = sheet.act("routes.publish", "primary", () => this.publish(found))
    publishing.disabled = !found.properties.preview.publishable
    if (publishing.disabled) publishing.setAttribute("aria-describedby", BLOCKED)
    return [
      link("routes.edit", "draw"),
      link("routes.replace", "import"),
      sheet.act("routes.discard", "small", () => this.discard(found)),
      publishing,
    ]
  }

  private async publish(found: WholeDraft): Promise<void> {
    const { desk, go } = this.place
    const route = this.id
    const sure = { title: "routes.publish", text: "routes.publish.sure", yes: "routes.publish" } as const
    if ((await ask({ ...sure, values: { route } })) === null) return
    const made = await this.unlessStale(() => publish(desk, found.properties))
    if (made) go(made.route, "routes.published.told", { route: made.route })
  }

  private async discard(found: WholeDraft): Promise<void> {
    const { desk, go } = this.place
    const [route, { revision }] = [this.id, found.properties]
    const sure = { title: "routes.discard", text: "routes.discard.sure", yes: "routes.discard" } as const
    if ((await ask({ ...sure, values: { route, revision } })) === null) return
    const gone = await this.unlessStale(async () => {
      await throwAway(desk, found.properties)
      return true
    })
    if (gone) go(null, "routes.discarded.told", { route })
  }

  /** Shows what stands now, where somebody was faster; null then. */
  private async unlessStale<T>(doing: () => Promise<T>): Promise<T | null> {
    try {
      return await doing()
    } catch (error) {
      if (standing(error) === undefined) throw error
      this.place.changed()
      if (!this.place.here()) return null
      await this.open()
      this.place.sheet.show("error", say(h("p"), "routes.stale", { route: this.id }))
      return null
    }
  }
}

const BLOCKED = "routes-blocked"

/** First and last of each range; all day is any time. */
function ranges(starts: NonNullable<Preview["starts"]>): string {
  if (starts.length === 0) return t("routes.starts.none")
  const all = starts.some(([first, last]) => first === "00:00" && last === "23:59")
  if (all) return t("routes.starts.any")
  return starts.map(([first, last]) => t("routes.starts.range", { first, last })).join(", ")
}
