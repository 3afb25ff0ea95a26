/** A webhook as a form: a new one, or one that is changed. */
import { Fields } from "../desk/fields"
import { head, section } from "../desk/parts"
import type { Sheet } from "../desk/sheet"
import { h, say } from "../ui/dom"
import { EVENTS, type Hook, isAddress, isName, type Said } from "./hooks"
import { Types } from "./types"

export class HookForm {
  readonly element: HTMLFormElement
  private readonly fields = new Fields()
  private readonly name = h("input", {
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: 48,
  })
  private readonly url = h("input", { type: "text", inputmode: "url", autocomplete: "off", maxlength: 2000 })
  private readonly types: Types
  private readonly begun: string
  private readonly saving = say(h("button", { type: "submit", class: "primary" }), "fleet.save")

  /** `hook`: the one that is changed. `back`: where one goes who thinks better of it. `put` makes or changes
   * it, and goes on from there. `taken`: names that are. */
  constructor(
    private readonly sheet: Sheet,
    hook: Hook | null,
    back: string,
    private readonly put: (name: string, said: Said) => Promise<void>,
    private readonly taken: (name: string) => boolean = () => false,
  ) {
    const { fields } = this
    this.types = new Types(hook?.events ?? EVENTS.alert)
    this.name.value = hook?.webhook ?? ""
    this.url.value = hook?.url ?? "https://"
    const title = hook ? "fleet.hook.change" : "fleet.hook.new"
    const values = { name: hook?.webhook ?? "" }
    const cancel = say(h("a", { class: "small", href: back }), "desk.cancel")
    this.element = h(
      "form",
      { class: "settings", novalidate: true },
      head("", [say(h("span"), "fleet.hook.under")], []),
      section(
        "fleet.hook.where",
        hook ? null : fields.add("webhook", "fleet.hook.name", this.name, "fleet.hook.name.hint"),
        fields.add("url", "fleet.hook.url", this.url, "fleet.hook.url.hint"),
      ),
      h("section", { class: "part" }, fields.add("events", "fleet.hook.types", this.types.element)),
      h("div", { class: "form-bar" }, h("span"), h("div", { class: "actions" }, cancel, this.saving)),
    )
    say(this.element.querySelector("h2")!, title, values)
    this.begun = this.typed
    this.element.addEventListener("submit", (event) => {
      event.preventDefault()
      void this.save()
    })
  }

  get unsaved(): boolean {
    return this.typed !== this.begun
  }

  private get typed(): string {
    return JSON.stringify([this.name.value, this.url.value, this.types.chosen])
  }

  private async save(): Promise<void> {
    const { fields, sheet } = this
    const said = { url: this.url.value.trim(), events: this.types.chosen }
    const name = this.name.value.trim()
    fields.clear()
    sheet.hush()
    if (!isName(name)) fields.fault("webhook", { key: "fleet.hook.name.wrong" })
    else if (this.taken(name)) fields.fault("webhook", { key: "fleet.hook.name.taken" })
    if (!isAddress(said.url)) fields.fault("url", { key: "fleet.hook.url.wrong" })
    if (said.events.length === 0) fields.fault("events", { key: "fleet.hook.types.none" })
    if (fields.focus()) return
    this.saving.disabled = true
    try {
      await this.put(name, said)
    } catch (error) {
      fields.refuse(error, this.sheet)
    } finally {
      this.saving.disabled = false
    }
  }
}
