/** What may be done with a trip, by whom, and the questions before it. */
import { type Fault, Problem } from "../core/api"
import type { Desk } from "../core/desk"
import type { Trip, TripState } from "../core/trips"
import { ask, inquire, type Question, remark } from "../desk/ask"
import { choices, Form } from "../desk/form"
import type { Key } from "../i18n"
import { type Act, act } from "./trips"

/** As telemetry/life.py has it. Approvals are a manager's alone; an admin pays. */
const MAY: Readonly<Record<Act, { readonly from: readonly TripState[]; readonly admin: boolean }>> = {
  approve: { from: ["settled"], admin: false },
  reject: { from: ["approved"], admin: false },
  reassign: { from: ["claimed"], admin: false },
  release: { from: ["claimed"], admin: false },
  cancel: { from: ["claimed", "started", "paused", "abandoned"], admin: true },
}

export function possible(state: TripState, desk: Pick<Desk, "admin" | "manager">): Act[] {
  return (Object.keys(MAY) as Act[]).filter(
    (what) => MAY[what].from.includes(state) && (desk.manager || (desk.admin && MAY[what].admin)),
  )
}

const QUESTION = (what: Exclude<Act, "approve">, trip: Trip): Question => ({
  title: `trip.${what}` as Key,
  text: `trip.${what}.sure` as Key,
  values: { title: trip.title, courier: trip.courier },
  yes: `trip.${what}.yes` as Key,
})

/** Asks for a remark, then does it; null when the person thought better of it. */
export async function remarked(
  desk: Desk,
  trip: Trip,
  what: "reject" | "release" | "cancel",
): Promise<Trip | null> {
  let after: Trip | null = null
  const needed = what === "reject"
  const label = needed ? "trip.note.why" : "trip.note.more"
  await ask({ ...QUESTION(what, trip), note: { label, needed } }, async (note) => {
    after = await act(desk, trip.trip, what, { note })
  })
  return after
}

/** Asks for the other courier; answers with their trip. known: names to choose from. */
export async function reassigned(desk: Desk, trip: Trip, known: Iterable<string>): Promise<Trip | null> {
  let after: Trip | null = null
  const form = new Form()
  const attributes = { maxlength: 48, autocapitalize: "none", spellcheck: "false", list: "successors" }
  const others = [...known].filter((name) => name !== trip.courier)
  const fields = [
    form.text("courier", "trip.successor", { needed: true, attributes }),
    choices("successors", others),
    remark(form, { label: "trip.note.more", needed: false }),
  ]
  await inquire(QUESTION("reassign", trip), form, fields, async () => {
    const { courier, note } = form.values()
    after = await act(desk, trip.trip, "reassign", { courier, note }).catch(ofCourier)
  })
  return after
}

/** Whatever is refused of it is about the other courier. */
export function ofCourier(error: unknown): never {
  if (!(error instanceof Problem) || error.status >= 500 || error.faults.length > 0) throw error
  const { code, given } = error.said as Pick<Fault, "code" | "given">
  const fault = { field: "courier", reason: error.message, ...(code && given ? { code, given } : {}) }
  throw new Problem(error.status, error.message, [fault], error.said)
}
