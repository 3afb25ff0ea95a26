/** The form by which a file becomes a draft. */
import { type Fault, Problem } from "../core/api"
import { Fields } from "../desk/fields"
import { head } from "../desk/parts"
import { h, say } from "../ui/dom"
import { FilePicker } from "./filepicker"
import { standing, tellOvertaken } from "./overtaken"
import { type Draft, importDraft, wholeDraft } from "./routes"
import { ID, idOf } from "./thing"
import type { Place, View } from "./view"
import { zoneInput } from "./zones"

const DATUMS = ["wgs84", "gcj02", "bd09"] as const

export class ImportView implements View {
  private readonly fields = new Fields()
  private readonly file: FilePicker
  private readonly route = h("input", { maxlength: 48, autocomplete: "off", spellcheck: false })
  private readonly called = h("input", { maxlength: 100, autocomplete: "off" })
  private readonly zone = zoneInput()
  private readonly datum = datums()
  private readonly under = say(h("span"), "routes.import.under")
  private saved = false
  /** The draft that the file replaces, as it was seen. */
  private seen: Draft | null = null

  /** `id`: of the route whose draft it is to be; null: to be said. */
  constructor(
    private readonly place: Place,
    private readonly id: string | null,
  ) {
    this.file = new FilePicker((name) => {
      if (!this.route.value) this.route.value = idOf(name)
    })
    if (id === null) this.show()
    else void this.find(id)
  }

  speak(): void {}

  unsaved(): boolean {
    return !this.saved && this.file.chosen !== null
  }

  /** What there is already of the route. */
  private find(id: string): Promise<void> {
    const { sheet, desk } = this.place
    return sheet.open(
      async (signal) => {
        try {
          return (await wholeDraft(desk, id, signal)).properties
        } catch (error) {
          if (error instanceof Problem && error.status === 404) return null
          throw error
        }
      },
      (draft) => {
        this.seen = draft
        this.route.value = id
        this.called.value = draft?.name ?? ""
        if (draft) {
          const { name, revision, changed_by: by } = draft
          say(this.under, "routes.import.over", { name, revision, by })
        } else say(this.under, "routes.import.next", { route: id })
        this.show()
      },
    )
  }

  private show(): void {
    const { fields, place } = this
    const sending = place.sheet.act("routes.import.do", "primary", () => this.send(this.revision()))
    sending.type = "submit"
    const form = h(
      "form",
      { class: "part form", novalidate: true },
      fields.add("file", "routes.file", this.file.element),
      this.id === null && fields.add("id", "routes.id", this.route, "routes.id.hint"),
      fields.add("name", "routes.name", this.called, "routes.name.hint"),
      fields.add("datum", "routes.datum", this.datum),
      fields.add("time_zone", "routes.zone", this.zone.input, "routes.zone.hint"),
      this.zone.list,
      h("div", { class: "actions" }, sending),
    )
    form.addEventListener("submit", (event) => event.preventDefault())
    this.file.catch(form)
    place.sheet.put(head(say(h("span"), "routes.import.title"), [this.under], []), form)
  }

  private revision(): number | null {
    return this.seen?.revision ?? null
  }

  private async send(revision: number | null): Promise<void> {
    const { fields, place } = this
    fields.clear()
    const { chosen } = this.file
    const route = this.route.value.trim()
    const wrong = this.file.wrong()
    if (wrong) fields.fault("file", { key: wrong })
    if (!ID.test(route)) fields.fault("id", { key: "routes.id.wrong" })
    if (fields.focus() || !chosen?.format) return
    const datum = this.datum.querySelector<HTMLInputElement>("input:checked")!.value
    const beside = { name: this.called.value.trim(), datum, time_zone: this.zone.input.value.trim() }
    try {
      await importDraft(place.desk, route, { file: chosen.file, format: chosen.format }, beside, revision)
    } catch (error) {
      const now = standing(error)
      if (now !== undefined) {
        tellOvertaken(place.sheet, route, revision, now, (next) => this.send(next))
        return
      }
      if (!(error instanceof Problem) || error.faults.length === 0) throw error
      const left = fields.faults(error.faults, at)
      if (left.length > 0) throw error
      return
    }
    this.saved = true
    place.go(route)
  }
}

/** Which field of the form a fault is about: what is wrong in the file is shown at the file. */
export function at(field: Fault["field"]): string {
  const part = field.split(/[.[]/)[0]!
  return ["name", "datum", "time_zone", "id"].includes(part) ? part : "file"
}

function datums(): HTMLFieldSetElement {
  const choices = DATUMS.map((datum, i) =>
    h(
      "label",
      { class: "choice" },
      h("input", { type: "radio", name: "datum", value: datum, checked: i === 0 }),
      h("b", {}, datum.toUpperCase().replace(/(\d)/, "-$1")),
      say(h("span", { class: "quiet" }), `routes.datum.${datum}`),
    ),
  )
  return h("fieldset", { class: "choices" }, ...choices)
}
