import assert from "node:assert/strict"
import { afterEach, test } from "node:test"
import { call, Problem, Unreachable } from "../src/core/api"

const real = globalThis.fetch
afterEach(() => {
  globalThis.fetch = real
})

const once = { method: "POST" } as const
const answers = (body: BodyInit | null, status = 200) => {
  globalThis.fetch = async () => new Response(body, { status })
}

test("an answer that breaks off is no answer", async () => {
  answers(
    new ReadableStream({
      start(stream) {
        stream.enqueue(new TextEncoder().encode('{"trips": ['))
        stream.error(new Error("cut"))
      },
    }),
  )
  await assert.rejects(call("http://127.0.0.1/", once), Unreachable)
})

test("an empty answer is null, and a refusal comes with its faults", async () => {
  answers(null, 204)
  assert.equal(await call("http://127.0.0.1/", once), null)
  answers(JSON.stringify({ detail: "No.", errors: [{ field: "courier", reason: "is missing" }] }), 400)
  await assert.rejects(call("http://127.0.0.1/", once), (error: Problem) => {
    assert.deepEqual(error.faults, [{ field: "courier", reason: "is missing" }])
    return error instanceof Problem && error.status === 400 && error.message === "No."
  })
})
