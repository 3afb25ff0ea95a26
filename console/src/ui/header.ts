/** Brand, status, language, account, and the way to the pages. */
import type { Session } from "../core/session"
import { button, h, say } from "./dom"
import { brandMark, icon } from "./icons"
import { languageSwitch } from "./language"

export function header(
  session: Session,
  status: HTMLElement,
  pages: HTMLElement,
  act: { skip(): void; signOut(): void },
): HTMLElement {
  const skip = say(h("a", { class: "skip", href: "#" }), "app.skip")
  skip.addEventListener("click", (event) => {
    event.preventDefault() // the address says which page it is
    act.skip()
  })
  const role = session.role === "admin" ? "role.admin" : "role.manager"
  return h(
    "header",
    { class: "top" },
    skip,
    h(
      "div",
      { class: "brand" },
      brandMark(),
      h("h1", {}, "Milepost"),
      h("span", { class: "fleet" }, session.fleet),
    ),
    status,
    h("p", { class: "me" }, h("b", {}, session.user), " · ", say(h("span"), role)),
    h(
      "div",
      { class: "account" },
      languageSwitch(),
      button("user.signout", "ghost", act.signOut, icon("out")),
    ),
    pages,
  )
}
