/** The part of a page that shows one thing, or a form. */
import type { Key } from "../i18n"
import { button, h, say, type Values } from "../ui/dom"
import { icon } from "../ui/icons"
import { because } from "./because"

export class Sheet {
  readonly element = h("main", { class: "sheet", tabindex: -1 })
  private readonly notice = h("div", { class: "notice", role: "status", hidden: true })
  private readonly body = h("div", { class: "sheet-body" })
  private asking = new AbortController()

  /** `back`: where small screens go to see the list again. */
  constructor(back: string) {
    const link = say(h("a", { class: "small back", href: back }), "desk.back")
    this.element.append(link, this.notice, this.body)
    this.nothing("desk.nothing")
  }

  /** Shows these instead of what is there. What had the focus has it again where it is still there: the same
   * element, or one with the same `data-kept`. */
  put(...children: readonly (Node | string | null | false)[]): void {
    this.asking.abort()
    this.again(...children)
  }

  /** The same thing, said anew: what is being asked for comes all the same. */
  again(...children: readonly (Node | string | null | false)[]): void {
    const focused = document.activeElement as HTMLElement | null
    const had = focused && this.body.contains(focused) ? focused : null
    this.body.replaceChildren(...children.filter((child): child is Node | string => !!child))
    if (!had) return
    const kept = had.dataset.kept && CSS.escape(had.dataset.kept)
    this.focus(had.isConnected ? had : kept ? this.body.querySelector(`[data-kept="${kept}"]`) : null)
  }

  /** Nobody waits any longer for what was asked for. */
  forget(): void {
    this.asking.abort()
  }

  nothing(text: Key): void {
    this.hush()
    this.put(h("div", { class: "empty" }, say(h("p"), text)))
  }

  /** Fetches what is to be shown and shows it; only the newest question counts. */
  async open<T>(fetch: (signal: AbortSignal) => Promise<T>, show: (found: T) => void): Promise<void> {
    this.asking.abort()
    const asking = new AbortController()
    this.asking = asking
    const waiting = setTimeout(() => this.body.setAttribute("aria-busy", "true"), 150)
    try {
      const found = await fetch(asking.signal)
      if (!asking.signal.aborted) show(found)
    } catch (error) {
      if (asking.signal.aborted) return
      const again = button("app.retry", "small", () => void this.open(fetch, show))
      this.put(
        h("div", { class: "empty", role: "alert" }, say(h("h2"), "desk.failed"), because(error), again),
      )
    } finally {
      clearTimeout(waiting)
      if (this.asking === asking) this.body.removeAttribute("aria-busy")
    }
  }

  /** A button that does something that may be refused; what came of it is told at the top. */
  act(key: Key, look: string, doing: () => Promise<void>): HTMLButtonElement {
    const made = button(key, look, () => {
      this.hush()
      made.disabled = true
      const focused = document.activeElement === made
      doing()
        .catch((error: unknown) => this.refuse(error))
        .finally(() => {
          made.disabled = false
          if (focused && document.activeElement === document.body) this.focus(made)
        })
    })
    made.dataset.kept = key
    return made
  }

  tell(key: Key, values?: Values): void {
    this.show("done", say(h("p"), key, values))
  }

  refuse(error: unknown): void {
    this.show("error", because(error))
  }

  /** A refusal that the page knows words for. */
  warn(key: Key, values?: Values): void {
    this.show("error", say(h("p"), key, values))
  }

  hush(): void {
    this.notice.hidden = true
  }

  /** Or the sheet itself, where that is gone or cannot have it. */
  private focus(element: HTMLElement | null): void {
    if (element?.isConnected) element.focus({ preventScroll: true })
    if (document.activeElement !== element) this.element.focus({ preventScroll: true })
  }

  /** What came of something, at the top; `error` for what was not done. */
  show(kind: "done" | "error", said: HTMLElement): void {
    const close = button("desk.close", "ghost", () => this.hush(), icon("close"))
    this.notice.dataset.kind = kind
    this.notice.replaceChildren(said, close)
    this.notice.hidden = false
    this.element.scrollTop = 0
  }
}
