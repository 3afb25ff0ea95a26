import assert from "node:assert/strict"
import { mock, test } from "node:test"
import { Lately } from "../src/desk/lately"

/** Questions that were asked, each answered when the test does so; and what came of them. */
function world() {
  const asked: {
    question: string
    signal: AbortSignal
    answer: (text: string) => void
    fail: (why: Error) => void
  }[] = []
  const told: unknown[] = []
  const asking = new Lately<string, string>(
    (question, signal) =>
      new Promise((answer, fail) => {
        asked.push({ question, signal, answer, fail })
      }),
    (answer) => told.push(answer),
    (error) => told.push(error),
  )
  return { asked, told, asking }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test("what is written quickly is asked about once, a moment after the last change", () => {
  mock.timers.enable({ apis: ["setTimeout"] })
  const { asked, asking } = world()
  assert.deepEqual(
    ["1", "12", "12", "12.5"].map((text) => asking.want(text)),
    [true, true, false, true],
  )
  mock.timers.tick(249)
  assert.equal(asked.length, 0)
  mock.timers.tick(1)
  assert.deepEqual(
    asked.map(({ question }) => question),
    ["12.5"],
  )
  mock.timers.reset()
})

test("an answer to an older question is dropped, whenever it comes, and so is its failure", async () => {
  mock.timers.enable({ apis: ["setTimeout"] })
  const { asked, told, asking } = world()
  for (const text of ["a", "b", "c"]) {
    asking.want(text)
    mock.timers.tick(250)
  }
  mock.timers.reset()
  assert.deepEqual(
    asked.map(({ signal }) => signal.aborted),
    [true, true, false],
  )
  asked[2]?.answer("C")
  asked[0]?.answer("A")
  asked[1]?.fail(new Error("B"))
  await settled()
  assert.deepEqual(told, ["C"])
})

test("nothing is told once there is nothing to ask, and what is asked again is answered again", async () => {
  mock.timers.enable({ apis: ["setTimeout"] })
  const { asked, told, asking } = world()
  asking.want("a")
  mock.timers.tick(250)
  asking.want(null)
  asked[0]?.answer("A")
  asking.want("a")
  mock.timers.tick(250)
  mock.timers.reset()
  asked[1]?.fail(new Error("away"))
  await settled()
  assert.deepEqual(told.map(String), ["Error: away"])
})
