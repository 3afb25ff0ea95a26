/** What an admin does to a user with one question: a new password, disabling, enabling. */
import type { Desk } from "../core/desk"
import { ask, inquire } from "../desk/ask"
import { Form } from "../desk/form"
import { changeUser, type User } from "./people"
import { passwordField } from "./user-form"

/** The password that the user has now; null when the person thought better of it. */
export async function newPassword(desk: Desk, { user, name }: User): Promise<string | null> {
  const form = new Form()
  const field = passwordField(form)
  const question = { title: "people.reset", text: "people.reset.sure", yes: "people.reset.yes" } as const
  let password: string | null = null
  await inquire({ ...question, values: { name } }, form, [field], async () => {
    const { password: typed = "" } = form.values()
    await changeUser(desk, user, { password: typed })
    password = typed
  })
  return password
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
