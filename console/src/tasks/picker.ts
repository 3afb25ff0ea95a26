/** A field that finds one of many by its name or id: a combobox with a list, as ARIA's patterns have it. */
import type { Control } from "../desk/form"
import { distance, t } from "../i18n"
import { attribute, h, name, write } from "../ui/dom"
import type { Route } from "./tasks"

/** More than one looks through; typing narrows it. */
const SHOWN = 40
let serial = 0

export class Picker implements Control {
  readonly element: HTMLElement
  readonly input: HTMLInputElement
  private readonly list = h("ul", { role: "listbox", id: `picker-${++serial}`, hidden: true })
  private readonly under = h("span", { class: "chosen quiet" })
  private found: readonly Route[] = []
  private at = -1
  private chosen: Route | null = null

  private routes: readonly Route[] = []

  constructor() {
    this.input = h("input", {
      type: "text",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.list.id,
    })
    name(this.list, "form.route.list")
    this.element = h("div", { class: "picker" }, this.input, this.under, this.list)
    this.input.addEventListener("input", () => {
      this.chosen = null
      this.open()
    })
    this.input.addEventListener("keydown", (event) => this.key(event))
    this.input.addEventListener("click", () => this.open())
    this.input.addEventListener("blur", () => {
      this.fill(this.read())
      this.close()
    })
    // The field keeps the focus while the list is clicked.
    this.list.addEventListener("mousedown", (event) => event.preventDefault())
    this.list.addEventListener("click", (event) => {
      const row = (event.target as Element).closest<HTMLElement>("[role=option]")
      if (row) this.choose(this.found[Number(row.dataset.index)])
    })
  }

  /** The routes have come, or changed. */
  offer(routes: readonly Route[]): void {
    this.routes = inOrder(routes)
    this.fill(this.read())
  }

  /** The id of what was chosen, or what was typed instead. */
  read(): string {
    return this.chosen?.route ?? this.input.value.trim()
  }

  fill(value: string): void {
    const named = this.routes.find(({ route }) => route === value)
    this.chosen = named ?? this.routes.find(({ name }) => name === value) ?? null
    this.input.value = this.chosen?.name ?? value
    this.tell()
  }

  /** The name of what is chosen. */
  get title(): string {
    return this.chosen?.name ?? ""
  }

  private choose(route: Route | undefined): void {
    if (!route) return
    this.fill(route.route)
    this.close()
    this.input.dispatchEvent(new Event("change", { bubbles: true }))
  }

  private open(): void {
    this.found = matching(this.routes, this.input.value, this.chosen)
    this.at = this.chosen ? this.found.indexOf(this.chosen) : -1
    const rows = this.found.map((route, index) =>
      h(
        "li",
        { role: "option", id: `${this.list.id}-${index}`, "data-index": index },
        h("b", {}, route.name),
        h("span", { class: "quiet" }, `${route.route} · ${distance(route.length_m)}`),
      ),
    )
    const none = h(
      "li",
      { class: "quiet none", role: "option", "aria-disabled": "true" },
      t("form.route.none"),
    )
    this.list.replaceChildren(...(rows.length ? rows : [none]))
    this.list.hidden = false
    attribute(this.input, "aria-expanded", "true")
    this.mark()
    this.tell()
  }

  private close(): void {
    this.list.hidden = true
    attribute(this.input, "aria-expanded", "false")
    attribute(this.input, "aria-activedescendant", null)
    this.tell()
  }

  private key(event: KeyboardEvent): void {
    const { key } = event
    if (key === "ArrowDown" || key === "ArrowUp") {
      if (this.list.hidden) this.open()
      const step = key === "ArrowDown" ? 1 : -1
      const from = this.at < 0 && step < 0 ? 0 : this.at
      this.at = this.found.length ? (from + step + this.found.length) % this.found.length : -1
      this.mark()
    } else if (key === "Enter" && !this.list.hidden) this.choose(this.found[this.at] ?? only(this.found))
    else if (key === "Escape" && !this.list.hidden) this.close()
    else return
    event.preventDefault()
  }

  private mark(): void {
    const rows = [...this.list.querySelectorAll<HTMLElement>("[data-index]")]
    for (const [index, row] of rows.entries()) attribute(row, "aria-selected", String(index === this.at))
    const row = rows[this.at]
    attribute(this.input, "aria-activedescendant", row?.id ?? null)
    row?.scrollIntoView({ block: "nearest" })
  }

  private tell(): void {
    const { chosen } = this
    write(this.under, chosen && this.list.hidden ? `${chosen.route} · ${distance(chosen.length_m)}` : "")
  }
}

/** Every word is in the name or the id; all, while what stands there is what was chosen. */
export function matching(routes: readonly Route[], typed: string, chosen: Route | null): readonly Route[] {
  const words = chosen ? [] : typed.toLowerCase().split(/\s+/).filter(Boolean)
  const fits = ({ name, route }: Route) => {
    const text = `${name} ${route}`.toLowerCase()
    return words.every((word) => text.includes(word))
  }
  return routes.filter(fits).slice(0, SHOWN)
}

/** By name; of one route the newest version first. */
export function inOrder(routes: readonly Route[]): Route[] {
  const version = ({ route }: Route) => Number(route.split("@")[1])
  return [...routes].sort((a, b) => a.name.localeCompare(b.name) || version(b) - version(a))
}

const only = <T>(found: readonly T[]): T | undefined => (found.length === 1 ? found[0] : undefined)
