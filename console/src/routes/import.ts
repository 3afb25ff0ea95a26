/** The form by which a file becomes a draft. */
import type { Fault } from "../core/api"
import { isName } from "../core/names"
import { type Control, Form, type Wrong, zones } from "../desk/form"
import { head } from "../desk/parts"
import { h, say } from "../ui/dom"
import { FilePicker } from "./filepicker"
import { standing, tellOvertaken } from "./overtaken"
import { type Draft, draftOf, importDraft } from "./routes"
import { ID_LOOK, idOf } from "./thing"
import type { Place, View } from "./view"

const DATUMS = ["wgs84", "gcj02", "bd09"] as const

export class ImportView implements View {
  private readonly form = new Form()
  private readonly file: FilePicker
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
      (signal) => draftOf(desk, id, signal),
      (found) => {
        const draft = found?.properties ?? null
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
    const sending = form.submit("routes.import.do", "primary", () => this.send(this.revision()))
    const zone = zones()
    const part = h(
      "div",
      { class: "part import stack" },
      form.add("file", "routes.file", file, { hint: "routes.file.drop", needed: true }),
      ...(id === null ? [form.text("id", "routes.id", { ...ID_LOOK, needed: true })] : []),
      form.text("name", "routes.name", { hint: "routes.name.hint", attributes: { maxlength: 100 } }),
      form.add("datum", "routes.datum", datums()),
      form.text("time_zone", "routes.zone", { hint: "routes.zone.hint", attributes: { list: zone.id } }),
      zone,
      h("div", { class: "actions" }, sending),
    )
    form.fill({ name: draft?.name ?? "" })
    form.element.replaceChildren(part)
    file.catch(form.element)
    place.sheet.put(head(say(h("span"), "routes.import.title"), [this.under], []), form.element)
  }

  private revision(): number | null {
    return this.seen?.revision ?? null
  }

  private async send(revision: number | null): Promise<void> {
    const { form, place } = this
    const { chosen } = this.file
    const { name = "", time_zone = "", datum = "", id = this.id ?? "" } = form.values()
    const wrong = this.file.wrong()
    const faults: Wrong[] = wrong ? [{ field: "file", key: wrong }] : []
    if (!isName(id)) faults.push({ field: "id", key: "routes.id.wrong" })
    place.sheet.hush()
    if (!form.fits(faults) || !chosen?.format) return
    const file = { file: chosen.file, format: chosen.format }
    try {
      await importDraft(place.desk, id, file, { name, datum, time_zone }, revision)
    } catch (error) {
      const now = standing(error)
      if (now !== undefined) tellOvertaken(place.sheet, id, revision, now, (next) => this.send(next))
      else form.refuse(error, place.sheet, (fault) => ({ ...fault, field: at(fault.field) }))
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

function datums(): Control {
  const boxes = DATUMS.map((value, i) =>
    h("input", { type: "radio", name: "datum", value, checked: i === 0 }),
  )
  const choices = boxes.map((box) =>
    h(
      "label",
      { class: "choice" },
      box,
      h("b", {}, box.value.toUpperCase().replace(/(\d)/, "-$1")),
      say(h("span", { class: "quiet" }), `routes.datum.${box.value as (typeof DATUMS)[number]}`),
    ),
  )
  return {
    element: h("fieldset", { class: "choices" }, ...choices),
    input: boxes[0]!,
    read: () => boxes.find(({ checked }) => checked)?.value ?? "",
    fill: (value) => {
      for (const box of boxes) box.checked = box.value === value
    },
  }
}
