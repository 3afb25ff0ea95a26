/** The form by which a file becomes a draft. */
import { type Fault, Problem } from "../core/api"
import { Form, type Wrong } from "../desk/form"
import { head } from "../desk/parts"
import { h, say } from "../ui/dom"
import { ID_LOOK, zones } from "./fields"
import { FilePicker } from "./filepicker"
import { standing, tellOvertaken } from "./overtaken"
import { type Draft, importDraft, wholeDraft } from "./routes"
import { ID, idOf } from "./thing"
import type { Place, View } from "./view"

const DATUMS = ["wgs84", "gcj02", "bd09"] as const

export class ImportView implements View {
  private readonly form = new Form()
  private readonly file: FilePicker
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
      if (this.form.values().id === "") this.form.fill({ id: idOf(name) })
    })
    if (id === null) this.show(null)
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
        if (draft) {
          const { name, revision, changed_by: by } = draft
          say(this.under, "routes.import.over", { name, revision, by })
        } else say(this.under, "routes.import.next", { route: id })
        this.show(draft)
      },
    )
  }

  private show(draft: Draft | null): void {
    const { form, place, file, id } = this
    const sending = place.sheet.act("routes.import.do", "primary", () => this.send(this.revision()))
    sending.type = "submit"
    const zone = zones()
    const part = h(
      "div",
      { class: "part import" },
      form.add("file", "routes.file", file, { hint: "routes.file.drop", needed: true }),
      ...(id === null ? [form.text("id", "routes.id", { ...ID_LOOK, needed: true })] : []),
      form.text("name", "routes.name", { hint: "routes.name.hint", attributes: { maxlength: 100 } }),
      this.datum,
      form.text("time_zone", "routes.zone", { hint: "routes.zone.hint", attributes: { list: zone.id } }),
      zone,
      h("div", { class: "actions" }, sending),
    )
    form.fill({ name: draft?.name ?? "" })
    form.element.replaceChildren(part)
    form.element.addEventListener("submit", (event) => event.preventDefault())
    file.catch(form.element)
    place.sheet.put(head(say(h("span"), "routes.import.title"), [this.under], []), form.element)
  }

  private revision(): number | null {
    return this.seen?.revision ?? null
  }

  private async send(revision: number | null): Promise<void> {
    const { form, place } = this
    const { chosen } = this.file
    const { name = "", time_zone = "", id = this.id ?? "" } = form.values()
    const wrong = this.file.wrong()
    const faults: Wrong[] = wrong ? [{ field: "file", key: wrong }] : []
    if (!ID.test(id)) faults.push({ field: "id", key: "routes.id.wrong" })
    form.refuse(faults)
    if (faults.length > 0 || !chosen?.format) return
    const datum = this.datum.querySelector<HTMLInputElement>("input:checked")!.value
    const file = { file: chosen.file, format: chosen.format }
    try {
      await importDraft(place.desk, id, file, { name, datum, time_zone }, revision)
    } catch (error) {
      const now = standing(error)
      if (now !== undefined) {
        tellOvertaken(place.sheet, id, revision, now, (next) => this.send(next))
        return
      }
      if (!(error instanceof Problem) || error.faults.length === 0) throw error
      const left = form.refuse(error.faults.map((it) => ({ ...it, field: at(it.field) })))
      if (left.length > 0) throw error
      return
    }
    this.saved = true
    place.go(id)
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
  return h("fieldset", { class: "choices" }, say(h("legend"), "routes.datum"), ...choices)
}
