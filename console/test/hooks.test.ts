import assert from "node:assert/strict"
import { test } from "node:test"
import { isName } from "../src/core/names"
import { EVENTS, grouped, isAddress } from "../src/fleet/hooks"

test("types are grouped by what they are about, those that only the server knows too", () => {
  assert.deepEqual([...grouped().keys()], ["alert", "trip", "task", "webhook"])
  const groups = grouped(["trip.started", "trip.towed", "gate.opened"])
  assert.deepEqual(groups.get("trip"), [...EVENTS.trip, "trip.towed"])
  assert.deepEqual(groups.get("gate"), ["gate.opened"])
  assert.deepEqual(groups.get("alert"), EVENTS.alert)
})

test("an address has a scheme and a host", () => {
  for (const good of ["https://a.example", "https://a.example:8443/x?y=1", "http://127.0.0.1:9000/"]) {
    assert.ok(isAddress(good), good)
  }
  for (const bad of ["", "https://", "a.example", "ftp://a.example", "javascript:alert(1)", "mailto:a@b.c"]) {
    assert.ok(!isAddress(bad), bad)
  }
})

test("a name fits where the server takes it", () => {
  for (const good of ["erp", "0", "a.b_c-d", "a".repeat(48)]) assert.ok(isName(good), good)
  for (const bad of ["", "ERP", "-a", "a b", "ä", "a".repeat(49)]) assert.ok(!isName(bad), bad)
})
