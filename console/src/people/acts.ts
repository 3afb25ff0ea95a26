/** What an admin does to a user with one question: a new password, disabling, enabling. */
import type { Desk } from "../core/desk"
import { ask, inquire } from "../desk/ask"
import { beside, Fields } from "../desk/fields"
import { attribute } from "../ui/dom"
import { changeUser, madeUp, SHORTEST, type User } from "./people"
import { another, line } from "./user-form"

/** The password that the user has now; null when the person thought better of it. */
export async function newPassword(desk: Desk, { user, name }: User): Promise<string | null> {
  const password = line(128, madeUp())
  password.required = true
  password.minLength = SHORTEST
  const field = new Fields().add("password", "people.password", password, "people.password.hint")
  beside(password, another(password))
  password.addEventListener("input", () => attribute(password, "aria-invalid", null))
  const question = { title: "people.reset", text: "people.reset.sure", yes: "people.reset.yes" } as const
  const done = await inquire({ ...question, values: { name } }, [field], async () => {
    try {
      await changeUser(desk, user, { password: password.value })
    } catch (error) {
      attribute(password, "aria-invalid", "true")
      password.focus()
      throw error // the dialog tells why
    }
  })
  return done ? password.value : null
}

/** False when the person thought better of it. */
export async function disabled(desk: Desk, { user, name, role }: User): Promise<boolean> {
  const text = role === "courier" ? "people.disable.courier" : "people.disable.sure"
  const question = { title: "people.disable", text, values: { name }, yes: "people.disable" } as const
  const said = await ask(question, async () => {
    await changeUser(desk, user, { disabled: true })
  })
  return said !== null
}

export const enabled = (desk: Desk, { user }: User): Promise<User> =>
  changeUser(desk, user, { disabled: false })
