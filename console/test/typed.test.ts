import assert from "node:assert/strict"
import { afterEach, beforeEach, test } from "node:test"
import { anyTyped, forgetTyped, Typed } from "../src/core/typed"

const methods = {
  getItem(key: string): string | null {
    return (this as unknown as Record<string, string>)[key] ?? null
  },
  setItem(key: string, value: string): void {
    Object.assign(this, { [key]: value })
  },
  removeItem(key: string): void {
    Reflect.deleteProperty(this, key)
  },
}

beforeEach(() => {
  Object.assign(globalThis, { sessionStorage: Object.create(methods) })
})
afterEach(() => Reflect.deleteProperty(globalThis, "sessionStorage"))

const of = (user: string, fleet = "demo") => ({ user, fleet, token: "t", expires_at: 0, role: "admin" })

test("what is typed is its user's until it is sent", () => {
  const mine = new Typed(of("mei"), "task")
  mine.keep("a parcel")
  assert.equal(new Typed(of("mei"), "task").get(), "a parcel")
  for (const other of [of("me"), of("mei", "rival")]) assert.equal(new Typed(other, "task").get(), null)
  mine.keep(null)
  assert.ok(!anyTyped())
})

test("another user's is gone when somebody signs in, and everything when somebody signs out", () => {
  sessionStorage.setItem("milepost.session", "{}")
  const [mine, theirs] = [new Typed(of("mei"), "task"), new Typed(of("wang"), "task")]
  mine.keep("mine")
  theirs.keep("theirs")
  forgetTyped(of("ada"))
  assert.ok(!anyTyped())
  mine.keep("mine")
  forgetTyped(of("mei"))
  assert.equal(mine.get(), "mine")
  forgetTyped()
  assert.ok(!anyTyped())
  assert.equal(sessionStorage.getItem("milepost.session"), "{}")
})
