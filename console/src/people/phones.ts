/** A courier's phones: what is registered, how each is set up, a new one. For admins. */
import type { Desk } from "../core/desk"
import { ask } from "../desk/ask"
import { Form } from "../desk/form"
import { section } from "../desk/parts"
import type { Sheet } from "../desk/sheet"
import { moment } from "../i18n"
import { attribute, h, say } from "../ui/dom"
import { type Phone, register, revoke, setUp } from "./people"
import { SetUp } from "./setup"

export class Phones {
  readonly element: HTMLElement
  private readonly list = h("ul", { class: "phones" })
  private readonly none = say(h("p", { class: "quiet" }), "people.phones.none")
  private readonly form = new Form()
  /** The device whose set-up is unfolded. */
  private open: string | null = null

  /** `keys`: those that were made in this tab, by device. `changed`: they are others now. */
  constructor(
    private readonly desk: Desk,
    private readonly sheet: Sheet,
    private readonly courier: string,
    private phones: readonly Phone[],
    private readonly keys: Map<string, string>,
    private readonly changed: () => void,
  ) {
    const { form } = this
    const adding = form.submit("people.phone.add", "small", () => this.add())
    const look = { hint: "people.phone.name.hint", beside: [adding], attributes: { maxlength: 100 } } as const
    form.element.append(form.text("name", "people.phone.name", look))
    form.element.classList.add("new-phone")
    this.element = section("people.phones", this.none, this.list, form.element)
    this.show()
  }

  get unsaved(): boolean {
    return this.form.changed
  }

  private show(): void {
    this.none.hidden = this.phones.length > 0
    this.list.replaceChildren(...this.phones.map((phone) => this.phone(phone)))
  }

  private phone(phone: Phone): HTMLElement {
    const { sheet } = this
    const opened = phone.device === this.open
    const unfold = sheet.act("people.setup", "small", async () => {
      this.open = opened ? null : phone.device
      this.show()
      this.list.querySelector<HTMLElement>(`[data-device="${phone.device}"] button`)?.focus()
    })
    attribute(unfold, "aria-expanded", String(opened))
    const renew = sheet.act("people.phone.renew", "small", () => this.renew(phone))
    const remove = sheet.act("people.phone.remove", "small danger", () => this.remove(phone))
    return h(
      "li",
      { class: "phone", "data-device": phone.device },
      h(
        "div",
        { class: "phone-head" },
        h(
          "div",
          { class: "phone-name" },
          h("b", {}, phone.name),
          h(
            "span",
            { class: "quiet" },
            say(h("span"), "people.phone.since", { at: moment(phone.created_at) }),
            " · ",
            h("code", {}, phone.device),
          ),
        ),
        h("div", { class: "actions" }, unfold, renew, remove),
      ),
      opened &&
        new SetUp({
          key: this.keys.get(phone.device) ?? null,
          fetch: (key) => setUp(this.desk, phone.device, key),
          refuse: (error) => sheet.refuse(error),
        }).element,
    )
  }

  private async add(): Promise<void> {
    const { form, sheet } = this
    const { name = "" } = form.values()
    sheet.hush()
    if (!form.fits(name === "" ? [{ field: "name", key: "people.phone.name.wrong" }] : [])) return
    try {
      await this.take(name)
      form.fill({ name: "" })
    } catch (error) {
      form.refuse(error, sheet)
    }
  }

  /** Registers it, and unfolds its set-up. */
  private async take(name: string): Promise<void> {
    const { key, ...phone } = await register(this.desk, this.courier, name)
    this.keys.set(phone.device, key)
    this.phones = [...this.phones, phone]
    this.open = phone.device
    this.show()
    this.changed()
    this.list.querySelector<HTMLElement>(`[data-device="${phone.device}"] .set-up button`)?.focus()
  }

  /** A new key is a new device; the old one ends when the new one is there. */
  private async renew(phone: Phone): Promise<void> {
    const { name } = phone
    const sure = { title: "people.phone.renew", text: "people.phone.renew.sure", values: { name } } as const
    if ((await ask({ ...sure, yes: "people.phone.renew" })) === null) return
    await this.take(name)
    await this.end(phone)
  }

  private async remove(phone: Phone): Promise<void> {
    const values = { name: phone.name }
    const sure = { title: "people.phone.remove", text: "people.phone.remove.sure", values } as const
    if ((await ask({ ...sure, yes: "people.phone.remove" })) === null) return
    await this.end(phone)
    this.sheet.tell("people.phone.removed", values)
  }

  private async end({ device }: Phone): Promise<void> {
    await revoke(this.desk, device)
    this.keys.delete(device)
    this.phones = this.phones.filter((it) => it.device !== device)
    this.show()
    this.changed()
  }
}
