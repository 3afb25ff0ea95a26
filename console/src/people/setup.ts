/** How one phone is connected: its app, the code to scan, the address to type. Shown on demand: both are its key. */
import { Problem } from "../core/api"
import { copied } from "../desk/copy"
import { Form } from "../desk/form"
import { type Key, t, word } from "../i18n"
import { attribute, button, h, name, say } from "../ui/dom"
import { type App, picture } from "./people"

export interface SetUpWorld {
  /** Null where this tab does not know it. */
  readonly key: string | null
  /** Raises Problem where that is not the key. */
  readonly fetch: (key: string) => Promise<readonly App[]>
  readonly refuse: (error: unknown) => void
}

export class SetUp {
  readonly element = h("div", { class: "set-up" })

  constructor(private readonly world: SetUpWorld) {
    this.hide()
  }

  private hide(): void {
    const { key } = this.world
    if (key === null) this.element.replaceChildren(this.asking())
    else {
      const show = button("people.setup.show", "primary", () => {
        show.disabled = true
        this.world
          .fetch(key)
          .then((apps) => this.show(apps))
          .catch((error: unknown) => {
            show.disabled = false
            this.world.refuse(error)
          })
      })
      this.element.replaceChildren(say(h("p"), "people.setup.secret"), show)
    }
  }

  /** The key is kept nowhere but where the person has put it. */
  private asking(): HTMLElement {
    const form = new Form()
    const show = form.submit("people.setup.show", "small", async () => {
      const { key = "" } = form.values()
      if (!form.fits(key === "" ? [{ field: "key", key: "people.key.empty" }] : [])) return
      try {
        this.show(await this.world.fetch(key))
      } catch (error) {
        if (error instanceof Problem && error.status === 400) {
          form.show([{ field: "key", key: "people.key.wrong" }])
        } else this.world.refuse(error)
      }
    })
    const attributes = { type: "password", maxlength: 80, spellcheck: "false" }
    const field = form.text("key", "people.key", { hint: "people.key.hint", beside: [show], attributes })
    form.element.append(say(h("p"), "people.key.gone"), field)
    return form.element
  }

  private show(apps: readonly App[]): void {
    const tabs = apps.map((it) => {
      const tab = h("button", { type: "button", class: "tab" }, said(it.app))
      tab.addEventListener("click", () => choose(it))
      return tab
    })
    const shown = h("div", { class: "set-up-app" })
    const choose = (app: App) => {
      for (const [i, tab] of tabs.entries()) attribute(tab, "aria-pressed", String(apps[i] === app))
      shown.replaceChildren(...one(app))
    }
    const hide = button("people.setup.hide", "small", () => this.hide())
    const choice = name(h("div", { class: "tabs", role: "group" }, ...tabs), "people.apps")
    this.element.replaceChildren(choice, shown, say(h("p", { class: "quiet" }), "people.setup.always"), hide)
    if (apps[0]) choose(apps[0])
  }
}

function one({ app, address, qr }: App): HTMLElement[] {
  const steps = `setup.${app}`
  const code = h("img", {
    class: "qr",
    src: qr ? picture(qr) : null,
    alt: t("people.qr", { app: said(app) }),
  })
  const told = word(steps) === null ? null : say(h("p"), steps as Key)
  return [
    h("div", { class: "scan" }, qr ? code : null),
    h("div", { class: "typed" }, told, say(h("h4"), "people.address"), copied("people.address", address)),
  ]
}

/** The app's own name; what we do not know is said as the server calls it. */
const said = (app: string): string => NAMES[app] ?? app

const NAMES: Readonly<Record<string, string>> = {
  traccar: "Traccar Client",
  owntracks: "OwnTracks",
  overland: "Overland",
  gpslogger: "GPSLogger",
  "background-geolocation": "background-geolocation",
}
