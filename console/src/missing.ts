/** In place of a page whose code has not come. */
import type { Page } from "./page"
import { button, h, say } from "./ui/dom"

export class Missing implements Page {
  readonly parts: readonly HTMLElement[]

  constructor() {
    const text = [say(h("h2"), "app.unreachable.title"), say(h("p"), "app.unreachable.next")]
    // Browsers keep in mind that a module did not come, until the page is loaded again.
    const retry = button("app.retry", "small", () => location.reload())
    this.parts = [
      h("main", { class: "sheet alone" }, h("div", { class: "empty", role: "alert" }, ...text, retry)),
    ]
  }

  enter(): void {}
  leave(): void {}
  happened(): void {}
  speak(): void {}
  end(): void {}
}
