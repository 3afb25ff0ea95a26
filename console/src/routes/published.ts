/** A version of a route: what it is, and its end; and the way to a draft of the next. */
import type { Desk } from "../core/desk"
import { ask } from "../desk/ask"
import { badge, facts, head } from "../desk/parts"
import { distance, moment, number, t } from "../i18n"
import { standing, tellOvertaken } from "./overtaken"
import { ofVersion } from "./picture"
import { again, putDraft, retire, type WholeVersion, wholeVersion } from "./routes"
import { stopsTable } from "./stops"
import { version } from "./thing"
import { columns, Fetched, type Place } from "./view"

export class PublishedView extends Fetched<WholeVersion> {
  /** `shown`: its state is known. */
  constructor(
    place: Place,
    route: string,
    private readonly shown: (state: "published" | "retired") => void,
  ) {
    super(place, route)
  }

  protected async fetch(desk: Desk, signal: AbortSignal): Promise<WholeVersion> {
    const found = await wholeVersion(desk, this.id, signal)
    if (!signal.aborted) this.shown(found.properties.state)
    return found
  }

  protected show(found: WholeVersion): void {
    const { sheet, plan } = this.place
    const { properties: it, geometry } = found
    const state = badge(it.state === "published" ? "good" : "plain", t(`routes.state.${it.state}`))
    sheet.put(
      head(it.name, [it.route, state], this.acts(found)),
      columns(
        plan,
        facts([
          ["routes.length", distance(it.length_m)],
          ["routes.points", number(geometry.coordinates.length)],
          ["routes.zone", it.time_zone ?? null],
          ["routes.retiredat", it.retired_at === undefined ? null : moment(it.retired_at)],
        ]),
        stopsTable(it.stops),
      ),
    )
    void plan.show(ofVersion(found))
  }

  private acts(found: WholeVersion): HTMLElement[] {
    const { desk, sheet } = this.place
    if (!desk.admin) return []
    const { id } = version(this.id)
    const change = sheet.act("routes.change", "small", () => this.change(found, null))
    if (found.properties.state === "retired") return [change]
    return [
      change,
      sheet.act("routes.retire", "small", () => this.retire(this.id)),
      sheet.act("routes.retire.all", "small", () => this.retire(id)),
    ]
  }

  private async change(found: WholeVersion, seen: number | null): Promise<void> {
    const { desk, sheet, go } = this.place
    const { id } = version(this.id)
    try {
      await putDraft(desk, id, again(found), seen)
    } catch (error) {
      const now = standing(error)
      if (now === undefined) throw error
      tellOvertaken(sheet, id, seen, now, (revision) => this.change(found, revision))
      return
    }
    go(id)
  }

  private async retire(route: string): Promise<void> {
    const one = route === this.id
    const title = one ? "routes.retire" : "routes.retire.all"
    const text = one ? "routes.retire.sure" : "routes.retire.all.sure"
    if ((await ask({ title, text, values: { route }, yes: title })) === null) return
    await retire(this.place.desk, route)
    this.place.changed()
    if (!this.place.here()) return
    await this.open()
    this.place.sheet.tell("routes.retired.told", { route })
  }
}
