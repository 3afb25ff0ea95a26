import assert from "node:assert/strict"
import { test } from "node:test"
import { difference, fits, isTag, listed, madeUp, picture, tagsOf } from "../src/people/people"

test("tags are read from between spaces and commas of both scripts, each once", () => {
  assert.deepEqual(tagsOf(" bike, cold-chain，bike、van  ; "), ["bike", "cold-chain", "van"])
  assert.deepEqual(tagsOf("  "), [])
  assert.ok(isTag("cold-chain"))
  for (const bad of ["Bike", "冷链", "-a", "a".repeat(33)]) assert.ok(!isTag(bad), bad)
})

test("a made-up password is drawn from all of its letters, and is long enough", () => {
  const chance = (bytes: Uint8Array) => bytes.set(bytes.map((_, i) => i * 17))
  assert.match(madeUp(chance), /^[a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{5}$/)
  const drawn = new Set(
    Array.from({ length: 300 }, () => madeUp())
      .join("")
      .replaceAll("-", ""),
  )
  assert.equal(drawn.size, 32)
  assert.notEqual(madeUp(), madeUp())
})

test("a code becomes an image, with the namespace that one needs", () => {
  const address = picture('<svg viewBox="0 0 9 9"><path d="M0 0h9"/></svg>')
  assert.ok(address.startsWith("data:image/svg+xml,"))
  const svg = decodeURIComponent(address.slice(address.indexOf(",") + 1))
  assert.ok(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg" viewBox='))
  const whole = '<svg xmlns="http://www.w3.org/2000/svg"></svg>'
  assert.equal(decodeURIComponent(picture(whole)).split("xmlns").length, 2)
})

test("somebody is found by name, user or tag", () => {
  const mei = { user: "mei", role: "courier", name: "梅琳 Lin", tags: ["bike"], disabled: false }
  for (const sought of ["MEI", " lin", "梅", "bik"]) assert.ok(fits(mei, sought), sought)
  assert.ok(!fits(mei, "van"))
})

test("who is disabled is listed apart, and in no other list", () => {
  const mei = { user: "mei", role: "courier", name: "Mei", tags: [], disabled: false }
  const erp = { ...mei, user: "erp", role: "gateway" }
  const gone = { ...mei, user: "gone", disabled: true }
  const found = (filter: string) => [mei, erp, gone].filter((it) => listed(it, filter)).map((it) => it.user)
  assert.deepEqual(found("active"), ["mei", "erp"])
  assert.deepEqual(found("courier"), ["mei"])
  assert.deepEqual(found("disabled"), ["gone"])
})

test("a change says what differs, whatever the order of tags", () => {
  const mei = { user: "mei", role: "courier", name: "Mei", tags: ["bike", "van"], disabled: false }
  assert.deepEqual(difference(mei, { name: "Mei", role: "courier", tags: ["van", "bike"] }), {})
  assert.deepEqual(difference(mei, { name: "Mei L.", role: "courier", tags: [] }), {
    name: "Mei L.",
    tags: [],
  })
  assert.deepEqual(difference(mei, { ...mei, role: "manager" }), { role: "manager" })
})
