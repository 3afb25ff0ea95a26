import assert from "node:assert/strict"
import { afterEach, test } from "node:test"
import { type Alert, Alerts } from "../src/core/alerts"

const alert = (id: number, change: Partial<Alert> = {}): Alert => ({
  alert: `al_${id}`,
  kind: "silent",
  courier: "mei",
  title: "Milk",
  raised_at: 1_000 + id,
  closed_at: null,
  acknowledged_at: null,
  acknowledged_by: null,
  ...change,
})
const raised = (data: unknown) => ({ type: "alert.raised", data })
const closed = (id: number) => ({ type: "alert.closed", data: alert(id, { closed_at: 2_000 }) })
const ids = (alerts: Alerts) => alerts.list().map((one) => one.alert)

const fetched = globalThis.fetch
afterEach(() => {
  globalThis.fetch = fetched
})

/** Answers with these alerts once `meanwhile` has happened. */
function serve(alerts: Alert[], meanwhile = () => {}): void {
  globalThis.fetch = async () => {
    meanwhile()
    return Response.json({ alerts, next: null })
  }
}

test("alerts come and go, the newest first, each once", () => {
  const alerts = new Alerts("", "t")
  alerts.happened([raised(alert(1)), raised(alert(3)), raised(alert(2)), raised(alert(2))])
  assert.deepEqual(ids(alerts), ["al_3", "al_2", "al_1"])
  alerts.happened([closed(2), { type: "trip.started", data: {} }, raised(null), raised({ alert: "al_9" })])
  assert.deepEqual(ids(alerts), ["al_3", "al_1"])
})

test("a closed one does not come back with a message that was overtaken", () => {
  const alerts = new Alerts("", "t")
  alerts.happened([closed(1), raised(alert(1))])
  assert.deepEqual(ids(alerts), [])
})

test("a snapshot replaces the list, but not what happened while it was read", async () => {
  const alerts = new Alerts("", "t")
  alerts.happened([raised(alert(1)), raised(alert(2))])
  serve([alert(2), alert(3)], () => alerts.happened([raised(alert(4)), closed(3)]))
  await alerts.fetch()
  assert.deepEqual(ids(alerts), ["al_4", "al_2"])
})

test("an acknowledgement stays, whatever comes late", () => {
  const alerts = new Alerts("", "t")
  const ours = alert(1, { acknowledged_at: 5, acknowledged_by: "max" })
  alerts.happened([{ type: "alert.acknowledged", data: ours }, raised(alert(1))])
  assert.equal(alerts.list()[0]!.acknowledged_by, "max")
})

test("a failed fetch leaves the list as it was", async () => {
  const alerts = new Alerts("", "t")
  alerts.happened([raised(alert(1))])
  globalThis.fetch = async () => new Response("{}", { status: 403 })
  await alerts.fetch()
  assert.deepEqual(ids(alerts), ["al_1"])
})
