/** The sign-in page, and messages that fill the page. */
import { Problem, saidBy, Unreachable } from "../core/api"
import type { Config } from "../core/config"
import { inWords } from "../core/reasons"
import { MayNotWatch, type Session, signIn } from "../core/session"
import { type Key, t } from "../i18n"
import { attribute, button, h, name, say, type Values } from "./dom"
import { brandMark, icon } from "./icons"
import { languageSwitch } from "./language"
import { scenery } from "./scenery"

/** notice: why the person is here again. `done` gets the session. */
export function signInPage(
  config: Config,
  notice: Key | null,
  done: (session: Session) => void,
): HTMLElement {
  const user = h("input", { id: "user", name: "username", autocomplete: "username", required: true })
  attribute(user, "autocapitalize", "none")
  attribute(user, "spellcheck", "false")
  const password = h("input", { id: "password", name: "password", type: "password", required: true })
  attribute(password, "autocomplete", "current-password")
  const message = h("p", { class: "notice", role: "alert", id: "signin-message", hidden: true })
  const submit = say(h("button", { type: "submit", class: "primary" }), "signin.submit")

  const tell = (key: Key, values?: Values, kind = "error") => {
    say(message, key, values)
    message.dataset.kind = kind
    message.hidden = false
  }
  const busy = (on: boolean) => {
    submit.disabled = on
    say(submit, on ? "signin.busy" : "signin.submit")
  }
  const show = button(
    "signin.show",
    "ghost peek",
    () => {
      const hidden = password.type === "text"
      password.type = hidden ? "password" : "text"
      name(show, hidden ? "signin.show" : "signin.hide")
      attribute(show, "aria-pressed", String(!hidden))
    },
    icon("eye"),
  )

  const form = h(
    "form",
    { class: "signin-form", novalidate: true, "aria-describedby": "signin-message" },
    h("div", { class: "signin-head" }, brandMark(), h("span", { class: "wordmark" }, "Milepost")),
    h(
      "div",
      {},
      say(h("h1"), "signin.title"),
      say(h("p", { class: "quiet" }), "signin.fleet", { fleet: config.fleet }),
    ),
    message,
    h("div", { class: "field" }, say(h("label", { for: "user" }), "signin.user"), user),
    h("div", { class: "field" }, say(h("label", { for: "password" }), "signin.password"), password, show),
    submit,
  )
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    if (!user.value.trim() || !password.value) {
      tell("signin.empty")
      ;(user.value.trim() ? password : user).focus()
      return
    }
    busy(true)
    signIn(config, user.value.trim(), password.value)
      .then(done)
      .catch((error: unknown) => {
        tell(...reason(error))
        password.select()
      })
      .finally(() => busy(false))
  })
  if (notice) tell(notice, undefined, "info")
  queueMicrotask(() => user.focus())
  return page(form)
}

/** Nothing can go on without this: what is wrong, and what to do. */
export function stopPage(title: Key, next: Key, values?: Values): HTMLElement {
  return page(
    h(
      "div",
      { class: "signin-form", role: "alert" },
      h("div", { class: "signin-head" }, brandMark(), h("span", { class: "wordmark" }, "Milepost")),
      say(h("h1"), title),
      say(h("p", { class: "quiet" }), next, values),
      button("app.retry", "primary", () => location.reload()),
    ),
  )
}

function page(content: HTMLElement): HTMLElement {
  return h(
    "main",
    { class: "signin" },
    scenery(),
    h("div", { class: "signin-side" }, content, say(h("p", { class: "tagline" }), "app.tagline")),
    h("div", { class: "signin-corner" }, languageSwitch()),
  )
}

function reason(error: unknown): [Key, Values?] {
  if (error instanceof MayNotWatch) {
    const known = (["courier", "manager", "admin", "gateway"] as const).find((role) => role === error.role)
    return ["signin.courier", { role: known ? t(`role.${known}`) : error.role }]
  }
  if (error instanceof Problem && (error.status === 401 || error.status === 400)) return ["signin.wrong"]
  if (error instanceof Problem) return ["signin.failed", { detail: inWords(saidBy(error)).text }]
  if (error instanceof Unreachable) return ["signin.unreachable"]
  throw error
}
