/** A webhook as it stands: where it leads, how it does, what is sent; and its secret, this once. */
import { badge, facts, head, section } from "../desk/parts"
import { type Key, moment, number, t, word } from "../i18n"
import { h, say } from "../ui/dom"
import { grouped, type Hook } from "./hooks"
import { named, titled } from "./types"

const LOOKS: Readonly<Record<string, string>> = { on: "good", failing: "warn", off: "bad" }
const STANDARD = "https://www.standardwebhooks.com/"

export const stateBadge = ({ state }: Hook): HTMLElement =>
  badge(LOOKS[state] ?? "", word(`fleet.state.${state}`) ?? state)

/** `actions`: for who may change it. */
export function view(hook: Hook, actions: readonly Node[]): readonly HTMLElement[] {
  const help = word(`fleet.state.help.${hook.state}`)
  const sent = [...grouped(hook.events)].flatMap(([about, types]) => {
    const chosen = types.filter((type) => hook.events.includes(type))
    if (chosen.length === 0) return []
    const what =
      chosen.length === types.length && types.length > 1
        ? [h("li", {}, say(h("span"), "fleet.hook.all"), h("code", {}, `${about}.*`))]
        : chosen.map((type) => h("li", {}, named(type), h("code", {}, type)))
    return [h("div", {}, h("b", {}, titled(about)), h("ul", {}, ...what))]
  })
  return [
    head(hook.webhook, [stateBadge(hook), help ? ` ${help}` : ""], actions),
    facts([
      ["fleet.hook.url", h("span", { class: "break" }, hook.url)],
      ["fleet.hook.succeeded", at(hook.succeeded_at)],
      ["fleet.hook.failed", at(hook.failed_at)],
      ["fleet.hook.failure", hook.failure],
      ["fleet.hook.since", at(hook.failing_since)],
      ["fleet.hook.failures", hook.failures > 0 ? number(hook.failures) : null],
      ["fleet.hook.ends", at(hook.off_at)],
      ["fleet.hook.changed", at(hook.changed_at)],
    ]),
    section("fleet.hook.types", h("div", { class: "type-groups shown" }, ...sent)),
    verifying(),
  ]
}

/** How the receiver knows that it was us. */
function verifying(): HTMLElement {
  const points: readonly Key[] = [
    "fleet.verify.sign",
    "fleet.verify.time",
    "fleet.verify.twice",
    "fleet.verify.answer",
  ]
  const link = say(h("a", { href: STANDARD, target: "_blank", rel: "noreferrer" }), "fleet.verify.libraries")
  return h(
    "details",
    { class: "part" },
    say(h("summary"), "fleet.verify"),
    h("ul", {}, ...points.map((point) => say(h("li"), point))),
    h("p", {}, link, say(h("span", { class: "quiet" }), "fleet.verify.docs")),
  )
}

const at = (seconds: number | null): string | null => (seconds === null ? null : moment(seconds))

/** The one line under its name in the list. */
export const under = (hook: Hook): string =>
  hook.state !== "on" && hook.failed_at !== null
    ? t("fleet.hook.row.failed", { at: moment(hook.failed_at) })
    : t("fleet.hook.row", { n: hook.events.length })
