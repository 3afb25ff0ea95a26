/** A version of a route: what it is, and its end; and the way to a draft of the next. */
import { ask } from "../desk/ask"
import { badge, facts, head } from "../desk/parts"
import { distance, moment, number, t } from "../i18n"
import { standing, tellOvertaken } from "./overtaken"
import { ofVersion } from "./picture"
import { again, putDraft, retire, type WholeVersion, wholeVersion } from "./routes"
import { stopsTable } from "./stops"
import { version } from "./thing"
import { columns, type Place, type View } from "./view"

export class PublishedView implements View {
  private found: WholeVersion | null = null

  /** `shown`: its state is known. */
  constructor(
    private readonly place: Place,
    private readonly route: string,
    private readonly shown: (state: "published" | "retired") => void,
  ) {
    void this.open()
  }

  speak(): void {
    if (this.found) this.show(this.found)
  }

  private open(): Promise<void> {
    const { place, route } = this
    return place.sheet.open(
      (signal) => wholeVersion(place.desk, route, signal),
      (found) => {
        this.found = found
        this.shown(found.properties.state)
        this.show(found)
      },
    )
  }

  private show(found: WholeVersion): void {
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
    const { id } = version(this.route)
    const change = sheet.act("routes.change", "small", () => this.change(found, null))
    if (found.properties.state === "retired") return [change]
    return [
      change,
      sheet.act("routes.retire", "small", () => this.retire(this.route)),
      sheet.act("routes.retire.all", "small", () => this.retire(id)),
    ]
  }

  private async change(found: WholeVersion, seen: number | null): Promise<void> {
    const { desk, sheet, go } = this.place
    const { id } = version(this.route)
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
    const one = route === this.route
    const title = one ? "routes.retire" : "routes.retire.all"
    const text = one ? "routes.retire.sure" : "routes.retire.all.sure"
    if ((await ask({ title, text, values: { route }, yes: title })) === null) return
    await retire(this.place.desk, route)
    this.place.changed()
    await this.open()
    this.place.sheet.tell("routes.retired.told", { route })
  }
}
