import assert from "node:assert/strict"
import { afterEach, test } from "node:test"
import { href, maybe, Onward, parse } from "../src/core/address"

afterEach(() => Reflect.deleteProperty(globalThis, "location"))

function at(hash: string) {
  const location = {
    hash,
    replace(to: string) {
      this.hash = `replaced ${to}`
    },
  }
  Object.assign(globalThis, { location })
  return location
}

test("what a person began leads on from where they began it", () => {
  const here = at("#/payouts")
  new Onward().go("#/payouts/po_1")
  assert.equal(here.hash, "#/payouts/po_1")
  new Onward().replace("#/payouts")
  assert.equal(here.hash, "replaced #/payouts")
})

test("who has left meanwhile is taken nowhere", () => {
  const here = at("#/people/~new")
  const onward = new Onward()
  here.hash = "#/people/mei"
  assert.ok(!onward.open)
  onward.go("#/people/wei")
  onward.replace("#/people/wei")
  assert.equal(here.hash, "#/people/mei")
  here.hash = "#/people/~new" // and back
  onward.go("#/people/wei")
  assert.equal(here.hash, "#/people/wei")
})

test("an address says the page and the thing, and a strange one is the live page", () => {
  assert.deepEqual(parse(href("routes", "lap@2")), { page: "routes", thing: "lap@2" })
  assert.deepEqual(parse("#/nowhere/x"), { page: "live", thing: null })
  assert.deepEqual(parse("#/trips/%E0%A4%A"), { page: "trips", thing: null })
  assert.equal(maybe("trips", "tr_1"), "#/trips/tr_1")
  assert.equal(maybe("gates", "g"), null)
})
