/** What may be done with a trip, by whom, and the questions before it. */
import type { Desk } from "../core/desk"
import type { Trip, TripState } from "../core/trips"
import { ask, inquire, type Question, remark } from "../desk/ask"
import type { Key } from "../i18n"
import { attribute, h, name, say } from "../ui/dom"
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
  const courier = h("input", {
    id: "successor",
    required: true,
    pattern: "[a-z0-9][a-z0-9._\\-]{0,47}",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    list: "successors",
  })
  name(courier, "trip.successor")
  const others = h(
    "datalist",
    { id: "successors" },
    ...[...known].filter((name) => name !== trip.courier).map((value) => h("option", { value })),
  )
  courier.addEventListener("input", () => attribute(courier, "aria-invalid", null))
  const field = h(
    "div",
    { class: "field" },
    say(h("label", { for: "successor" }), "trip.successor"),
    courier,
    others,
  )
  const note = remark({ label: "trip.note.more", needed: false })
  await inquire(QUESTION("reassign", trip), [field, note], async () => {
    const said = { courier: courier.value.trim(), note: note.querySelector("textarea")!.value.trim() }
    try {
      after = await act(desk, trip.trip, "reassign", said)
    } catch (error) {
      attribute(courier, "aria-invalid", "true")
      attribute(courier, "aria-describedby", courier.closest("dialog")?.querySelector(".notice")?.id ?? null)
      courier.focus()
      throw error
    }
  })
  return after
}
