/** Drawing a route: on the map, and in lists for whoever has no mouse; saved as the draft. */
import { faultsOf } from "../core/api"
import { isName } from "../core/names"
import { Form, zones } from "../desk/form"
import { head } from "../desk/parts"
import { t } from "../i18n"
import { button, h, say } from "../ui/dom"
import { standing, tellOvertaken } from "./overtaken"
import type { Pen, PenWorld } from "./pen"
import { extent, lineOf, type Mark, ofVersion } from "./picture"
import { PointList } from "./pointlist"
import {
  bare,
  type Draft,
  draftOf,
  type LonLat,
  putDraft,
  versions,
  type WholeDraft,
  wholeVersion,
} from "./routes"
import { replaced, Sketches, withStop } from "./sketch"
import { StopList } from "./stoplist"
import { ID_LOOK } from "./thing"
import { Tools } from "./tools"
import { columns, type Place, type View } from "./view"

/** A new line's id while it has none. */
const NEW = "~"

export class EditorView implements View {
  private readonly form = new Form()
  private readonly undo = button("routes.undo", "small", () => this.sketches.undo())
  private readonly redo = button("routes.redo", "small", () => this.sketches.redo())
  private readonly tools = new Tools((tool) => this.pen?.take(tool))
  private readonly points: PointList
  private readonly stops: StopList
  private sketches: Sketches
  private pen: Pen | null = null
  private seen: Draft | null = null
  private saved = false
  private readonly over = new AbortController()

  /** `id`: of the route whose draft it is; null: to be said. */
  constructor(
    private readonly place: Place,
    private readonly id: string | null,
  ) {
    this.sketches = new Sketches({ line: [], stops: [] }, () => this.show())
    this.points = new PointList(
      (line) => this.sketches.change({ line }),
      (i) => place.plan.point(this.sketches.now.line[i]!),
    )
    this.stops = new StopList(
      (stops) => this.sketches.change({ stops }),
      (i) => {
        const { lon, lat } = this.sketches.now.stops[i]!
        place.plan.point([lon, lat])
      },
      () => this.stops.focus(this.put(this.middle())),
    )
    if (id === null) this.open(null)
    else void this.find(id)
  }

  speak(): void {
    if (this.place.sheet.element.contains(this.points.element)) this.show()
  }

  unsaved(): boolean {
    return !this.saved && (this.form.changed || this.sketches.canUndo)
  }

  end(): void {
    this.over.abort()
    this.pen?.remove()
    this.tools.element.remove()
  }

  private find(id: string): Promise<void> {
    const { sheet, desk } = this.place
    return sheet.open(
      (signal) => draftOf(desk, id, signal),
      (found) => this.open(found),
    )
  }

  private open(found: WholeDraft | null): void {
    const about = this.about()
    if (found) {
      const { name, stops, time_zone } = found.properties
      this.seen = found.properties
      this.form.begin({ name, time_zone: time_zone ?? "" })
      const line = found.geometry.coordinates
      this.sketches = new Sketches({ line, stops }, () => this.show())
    }
    const { sheet, plan } = this.place
    const saving = sheet.act("routes.save", "primary", () => this.save(this.seen?.revision ?? null))
    const whole = columns(plan, about, this.stops.element, this.points.element)
    whole.addEventListener("keydown", (event) => this.key(event))
    sheet.put(head(...this.heading(), [this.undo, this.redo, saving]), whole)
    plan.element.append(this.tools.element)
    this.show(true)
    void this.openPen()
    if (!found) void this.goSomewhere()
  }

  private heading(): [Node, Node[]] {
    if (!this.seen) {
      return [say(h("span"), "routes.draw.title"), [say(h("span"), "routes.draw.under")]]
    }
    const { name, route, revision, changed_by: by } = this.seen
    return [
      say(h("span"), "routes.edit.title", { name }),
      [say(h("span"), "routes.edit.under", { route, revision, by })],
    ]
  }

  private about(): HTMLElement {
    const { form } = this
    const zone = zones()
    const part = h(
      "section",
      { class: "part about" },
      say(h("h3"), "routes.about"),
      this.id === null && form.text("id", "routes.id", { ...ID_LOOK, needed: true }),
      form.text("name", "routes.name", { hint: "routes.name.edit", attributes: { maxlength: 100 } }),
      form.text("time_zone", "routes.zone", { hint: "routes.zone.edit", attributes: { list: zone.id } }),
      zone,
    )
    form.element.replaceChildren(part)
    return form.element
  }

  /** Everything as the sketch is now. */
  private show(fit = false): void {
    const { sketches, place } = this
    const { line, stops } = sketches.now
    this.undo.disabled = !sketches.canUndo
    this.redo.disabled = !sketches.canRedo
    this.points.show(line)
    this.stops.show(stops)
    this.tools.count(line.length)
    const marks = stops.map(({ lon, lat }, i): Mark => {
      return { at: [lon, lat], number: i + 1, blocks: false, stretches: [] }
    })
    const picture = { line: lineOf(this.id ?? NEW, "", line, null), stops, marks }
    void place.plan.show(picture, undefined, fit)
    this.pen?.show(sketches.now)
  }

  private async openPen(): Promise<void> {
    const { plan } = this.place
    const ground = await plan.ground()
    if (!ground) this.tools.element.remove()
    if (!ground || this.over.signal.aborted) return
    const { Pen } = await import("./pen")
    if (this.over.signal.aborted) return
    const world: PenWorld = {
      drawn: (more) => this.sketches.change({ line: [...this.sketches.now.line, ...more] }),
      put: (at) => this.put(at),
      shaped: (line) => this.sketches.change({ line }),
      moved: (i, [lon, lat]) => {
        const { stops } = this.sketches.now
        this.sketches.change({ stops: replaced(stops, i, { ...stops[i]!, lon, lat }) })
      },
    }
    this.pen = new Pen(ground.map, ground.colours, world)
    this.pen.show(this.sketches.now)
    this.tools.choose(this.sketches.now.line.length > 1 ? "select" : "linestring")
  }

  /** A stop more; its index. */
  private put(at: LonLat): number {
    const { stops } = this.sketches.now
    const [more, i] = withStop(this.sketches.now, t("routes.stop.new", { n: stops.length + 1 }), at)
    this.sketches.change({ stops: more })
    return i
  }

  /** A map of the whole world is no place to begin: where another route is, if one comes. */
  private async goSomewhere(): Promise<void> {
    const { desk, plan } = this.place
    const { signal } = this.over
    const [one] = await versions(desk, "published", signal).catch(() => [])
    const whole = one && (await wholeVersion(desk, one.route, signal).catch(() => null))
    const ground = await plan.ground()
    const begun = this.sketches.canUndo || this.pen?.busy
    if (whole && ground?.untouched && !begun && !signal.aborted) ground.fit(0, extent(ofVersion(whole)))
  }

  /** Of the line, for what is put nowhere. */
  private middle(): LonLat {
    const { line } = this.sketches.now
    return line[Math.floor(line.length / 2)] ?? [0, 0]
  }

  private key(event: KeyboardEvent): void {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement
    if (typing || event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    if (event.shiftKey) this.sketches.redo()
    else this.sketches.undo()
  }

  private async save(revision: number | null): Promise<void> {
    const { form, place } = this
    const { name = "", time_zone = "", id: route = this.id ?? "" } = form.values()
    if (
      !form.fits(isName(route) ? [] : [{ field: "id", key: "routes.id.wrong" }]) ||
      this.stops.wrong() ||
      this.points.wrong()
    )
      return
    const { line, stops } = this.sketches.now
    const body = {
      line: { type: "LineString" as const, coordinates: line },
      stops: stops.map(bare),
      name,
      time_zone: time_zone || null,
    }
    try {
      await putDraft(place.desk, route, body, revision)
    } catch (error) {
      const now = standing(error)
      if (now === undefined) return this.refused(error)
      tellOvertaken(place.sheet, route, revision, now, (next) => this.save(next))
      return
    }
    this.saved = true
    place.go(route)
  }

  /** Each fault where it belongs; what has no place is told at the top. */
  private refused(error: unknown): void {
    const faults = faultsOf(error)
    const left = this.form.show(faults).filter((it) => !("reason" in it && this.stops.fault(it)))
    if (faults.length === 0 || left.length > 0) throw error
  }
}
