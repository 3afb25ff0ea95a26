/** What is done with a click on the map while a route is drawn, and how. */
import { number } from "../i18n"
import { attribute, button, h, name, say } from "../ui/dom"
import { HANDLES, type Tool } from "./tool"

const TOOLS: readonly Tool[] = ["linestring", "point", "select"]

export class Tools {
  private readonly how = h("p", { class: "how" })
  private readonly buttons: ReadonlyMap<Tool, HTMLButtonElement>
  readonly element: HTMLElement
  private tool: Tool = "linestring"
  private points = 0

  constructor(private readonly take: (tool: Tool) => void) {
    this.buttons = new Map(
      TOOLS.map((tool) => [tool, button(`routes.tool.${tool}`, "tool", () => this.choose(tool))]),
    )
    const group = name(
      h("div", { class: "toolbar", role: "group" }, ...this.buttons.values()),
      "routes.tools",
    )
    this.element = h("div", { class: "drawing" }, group, this.how)
  }

  choose(tool: Tool): void {
    this.tool = tool
    this.take(tool)
    for (const [one, made] of this.buttons) attribute(made, "aria-pressed", String(one === tool))
    this.tell()
  }

  /** How many points the line has. */
  count(points: number): void {
    this.points = points
    this.tell()
  }

  private tell(): void {
    if (this.tool === "select" && this.points > HANDLES) {
      say(this.how, "routes.tool.many", { n: number(this.points) })
    } else say(this.how, `routes.tool.${this.tool}.how`)
  }
}
