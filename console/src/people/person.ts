/** The sheet of one user: who they are, what may be done with them, and their phones. */
import { href } from "../core/address"
import type { Trip } from "../core/trips"
import { badge, facts, head, section } from "../desk/parts"
import { type Key, word } from "../i18n"
import { h, say } from "../ui/dom"
import { type Phone, rides, type User } from "./people"

export interface Found {
  readonly user: User
  readonly phones: readonly Phone[]
  /** Of somebody who is disabled, those that others have to look after. */
  readonly trips: readonly Trip[]
}

/** `phones`: for admins alone. */
export function person(
  { user, trips }: Found,
  actions: readonly HTMLElement[],
  password: HTMLElement | null,
  phones: HTMLElement | null,
  admin: boolean,
): (HTMLElement | null | false)[] {
  const under = user.disabled ? [standing(user), " ", roleBadge(user)] : [roleBadge(user)]
  return [
    head(user.name, under, actions),
    password,
    facts([
      ["people.user", user.user],
      [
        "people.tags",
        user.tags.length > 0
          ? h("span", { class: "tags" }, ...user.tags.map(tag))
          : say(h("span"), "people.tags.none"),
      ],
    ]),
    user.disabled &&
      section(
        "people.filter.disabled",
        say(
          h("p", { class: "quiet" }),
          user.role === "courier" ? "people.disabled.courier" : "people.disabled.told",
        ),
      ),
    phones,
    !admin && rides(user) && section("people.phones", say(h("p", { class: "quiet" }), "people.phones.admin")),
    trips.length > 0 &&
      section("people.trips", say(h("p", { class: "quiet" }), "people.trips.stay"), links(trips)),
  ]
}

/** That they are disabled; else as what they sign in. */
export const standing = (user: User): HTMLElement =>
  user.disabled ? say(badge("warn", ""), "people.filter.disabled") : roleBadge(user)

function roleBadge({ role }: User): HTMLElement {
  const key = `role.${role}`
  const made = badge(role === "courier" ? "" : "good", role)
  return word(key) === null ? made : say(made, key as Key)
}

const tag = (text: string): HTMLElement => h("span", { class: "badge" }, text)

function links(trips: readonly Trip[]): HTMLElement {
  const rows = trips.map(({ trip, title, state }) =>
    h("li", {}, h("a", { href: href("trips", trip) }, title), say(badge("", ""), `trip.state.${state}`)),
  )
  return h("ul", { class: "left-trips" }, ...rows)
}
