/** A webhook as a form: a new one, or one that is changed. */
import { Problem } from "../core/api"
import { isName } from "../core/names"
import { Form, formBar, type Wrong } from "../desk/form"
import { head, section } from "../desk/parts"
import type { Sheet } from "../desk/sheet"
import { h, say } from "../ui/dom"
import { EVENTS, type Hook, isAddress, type Said } from "./hooks"
import { Types } from "./types"

const TAKEN: Wrong = { field: "webhook", key: "fleet.hook.name.taken" }

export class HookForm {
  private readonly form = new Form()
  private readonly types: Types

  /** `hook`: the one that is changed. `back`: where one goes who thinks better of it. `put` makes or changes
   * it, and goes on from there. */
  constructor(
    private readonly sheet: Sheet,
    private readonly hook: Hook | null,
    back: string,
    private readonly put: (name: string, said: Said) => Promise<void>,
  ) {
    const { form } = this
    this.types = new Types(hook?.events ?? EVENTS.alert)
    const name = { maxlength: 48, spellcheck: "false", autocapitalize: "none" }
    const url = { inputmode: "url", maxlength: 2_000, spellcheck: "false", autocapitalize: "none" }
    const title = hook
      ? say(h("span"), "fleet.hook.change", { name: hook.webhook })
      : say(h("span"), "fleet.hook.new")
    const where = h(
      "div",
      { class: "stack" },
      hook === null &&
        form.text("webhook", "fleet.hook.name", {
          hint: "fleet.hook.name.hint",
          needed: true,
          attributes: name,
        }),
      form.text("url", "fleet.hook.url", { hint: "fleet.hook.url.hint", needed: true, attributes: url }),
    )
    form.element.append(
      head(title, [say(h("span"), "fleet.hook.under")], []),
      section("fleet.hook.where", where),
      h("section", { class: "part" }, form.add("events", "fleet.hook.types", this.types)),
      formBar(
        null,
        say(h("a", { class: "small", href: back }), "desk.cancel"),
        form.submit("fleet.save", "primary", () => this.save()),
      ),
    )
    form.begin({ url: hook?.url ?? "https://" })
  }

  get element(): HTMLElement {
    return this.form.element
  }

  get unsaved(): boolean {
    return this.form.changed
  }

  private async save(): Promise<void> {
    const { form, sheet, hook } = this
    const { url = "", webhook: name = hook?.webhook ?? "" } = form.values()
    const events = this.types.chosen
    const wrong: Wrong[] = []
    if (!isName(name)) wrong.push({ field: "webhook", key: "fleet.hook.name.wrong" })
    if (!isAddress(url)) wrong.push({ field: "url", key: "fleet.hook.url.wrong" })
    if (events.length === 0) wrong.push({ field: "events", key: "fleet.hook.types.none" })
    sheet.hush()
    if (!form.fits(wrong)) return
    try {
      await this.put(name, { url, events })
    } catch (error) {
      if (error instanceof Problem && error.status === 412) form.show([TAKEN])
      else form.refuse(error, sheet)
    }
  }
}
