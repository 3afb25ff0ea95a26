import assert from "node:assert/strict"
import { afterEach, test } from "node:test"
import { type Problem, Unreachable } from "../src/core/api"
import { Desk } from "../src/core/desk"

const real = globalThis.fetch
afterEach(() => {
  globalThis.fetch = real
})

const session = { token: "t", expires_at: 0, user: "mei", fleet: "demo", role: "admin" }
const settled = (answer: Promise<unknown>) =>
  Promise.race([
    answer.then(
      () => "answered",
      () => "refused",
    ),
    new Promise((resolve) => setTimeout(resolve, 20, "nothing")),
  ])

/** A server that answers when it is told to. */
function world() {
  const over = new AbortController()
  const refusals: Problem[] = []
  const asked: RequestInit[] = []
  const waiting: ((answer: Response) => void)[] = []
  globalThis.fetch = (_, init = {}) =>
    new Promise((resolve, reject) => {
      asked.push(init)
      waiting.push(resolve)
      init.signal?.addEventListener("abort", () => reject(init.signal?.reason))
    })
  const desk = new Desk("http://127.0.0.1", session, (error) => refusals.push(error), over.signal)
  const answer = (status: number) => waiting.shift()?.(new Response("{}", { status }))
  return { desk, over, refusals, asked, answer }
}

test("whoever asked in a session that is over is answered no more, and asks no more", async () => {
  const { desk, over, asked, answer } = world()
  const reading = desk.at("http://127.0.0.1/other").get("/v1/users")
  over.abort()
  assert.equal(await settled(reading), "nothing")
  assert.equal(asked.length, 1) // it is not tried again either
  answer(200)
})

test("a change goes through, and its answer comes to nobody", async () => {
  for (const status of [200, 400, 401]) {
    const { desk, over, asked, answer } = world()
    const changing = desk.postOnce("/v1/users", {})
    over.abort()
    assert.ok(!asked[0]?.signal?.aborted)
    answer(status)
    assert.equal(await settled(changing), "nothing")
  }
})

test("a session that holds no longer is told of, and so is whoever asked", async () => {
  const { desk, refusals, answer } = world()
  const reading = desk.get("/v1/users")
  answer(401)
  assert.equal(await settled(reading), "refused")
  assert.equal(refusals[0]?.status, 401)
})

test("what must be new is asked for once, and says so", async () => {
  const asked: RequestInit[] = []
  globalThis.fetch = async (_, init = {}) => {
    asked.push(init)
    throw new TypeError("cut")
  }
  const desk = new Desk("http://127.0.0.1", session, () => {}, new AbortController().signal)
  await assert.rejects(desk.put("/v1/fleet/webhooks/erp", { body: {}, fresh: true }), Unreachable)
  assert.equal(asked.length, 1)
  assert.equal(new Headers(asked[0]?.headers).get("if-none-match"), "*")
})
