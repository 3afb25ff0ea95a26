import assert from "node:assert/strict"
import { test } from "node:test"
import { backoff } from "../src/core/backoff"
import { type Heard, PATIENCE_MS, REFRESH_MS, type Status, Stream, type World } from "../src/core/stream"
import { columns, courier } from "./rows"

/** A world whose time and network the test moves. */
class Toy implements World {
  time = 0
  sent: string[] = []
  heard: Heard | null = null
  opened = 0
  closed = 0
  failing: unknown = null
  private timers: { at: number; act: () => void }[] = []

  async address(): Promise<string> {
    if (this.failing) throw this.failing
    return "ws://here"
  }
  open(_: string, heard: Heard) {
    this.opened++
    this.heard = heard
    return {
      send: (text: string) => void this.sent.push(JSON.parse(text).action),
      close: () => void this.closed++,
    }
  }
  fatal = (error: unknown) => error === "401"
  now = () => this.time
  random = () => 1
  later(act: () => void, ms: number) {
    const timer = { at: this.time + ms, act }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((one) => one !== timer)
    }
  }

  async pass(ms: number): Promise<void> {
    const until = this.time + ms
    for (;;) {
      const due = this.timers.filter((one) => one.at <= until).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.time = due.at
      this.timers = this.timers.filter((one) => one !== due)
      due.act()
      await settled()
    }
    this.time = until
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

async function started() {
  const world = new Toy()
  const log: string[] = []
  const states: Status[] = []
  const stream = new Stream(world, {
    status: (status) => states.push(status),
    update: (rows) => log.push(`update ${rows.length}`),
    snapshot: (rows, _, silentAfter) => log.push(`snapshot ${rows.length} ${silentAfter}`),
    happened: (events) => log.push(`events ${events.map((event) => event.type)}`),
    bad: (error) => log.push(error.message),
    refused: (error) => log.push(`refused ${error}`),
  })
  const say = (message: unknown) => world.heard!.message(JSON.stringify(message))
  const snapshot = () =>
    say({
      type: "snapshot",
      id: `${world.time}`,
      part: 0,
      parts: 1,
      at: 1,
      silent_after_s: 90,
      couriers: columns([courier()]),
    })
  const live = async () => {
    await settled()
    world.heard!.opened()
    say({ type: "subscribed" })
    snapshot()
  }
  stream.start()
  return { world, stream, log, states, say, snapshot, live, kind: () => states.at(-1)!.kind }
}

test("it subscribes, then asks for the snapshot, then is live and follows", async () => {
  const { world, log, kind, live, say } = await started()
  await live()
  assert.deepEqual(world.sent, ["subscribe", "snapshot"])
  assert.equal(kind(), "live")
  say({ type: "update", at: 2, couriers: columns([courier(), courier({ courier: "b" })]) })
  assert.deepEqual(log, ["snapshot 1 90", "update 2"])
})

test("what has happened is told, and what is not known is left out", async () => {
  const { log, live, say } = await started()
  await live()
  say({ type: "weather", rain: true })
  say({ type: "events", at: 3, events: [{ type: "alert.raised", data: {} }, null, "x"] })
  say({ type: "events", at: 3 })
  assert.deepEqual(log, ["snapshot 1 90", "events alert.raised", "events is not a list"])
})

test("a snapshot is asked for each minute", async () => {
  const { world, live, snapshot, kind } = await started()
  await live()
  for (let i = 0; i < 3; i++) {
    await world.pass(REFRESH_MS)
    snapshot()
  }
  assert.equal(world.sent.filter((action) => action === "snapshot").length, 4)
  assert.equal(kind(), "live")
})

test("a lost connection is tried again, later each time, up to fifteen seconds", async () => {
  const { world, live, states } = await started()
  await live()
  const waits: number[] = []
  for (let i = 0; i < 8; i++) {
    world.heard!.closed()
    const status = states.at(-1)!
    assert.equal(status.kind, "waiting")
    if (status.kind === "waiting") waits.push(status.until - world.time)
    await world.pass(waits.at(-1)!)
  }
  assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000])
  assert.equal(world.opened, 9)
  await live()
  world.heard!.closed()
  const status = states.at(-1)!
  assert.equal(status.kind === "waiting" && status.until - world.time, 500)
})

test("the wait has jitter, from a half to the whole", () => {
  assert.equal(
    backoff(0, () => 0),
    250,
  )
  assert.equal(
    backoff(3, () => 0.5),
    3_000,
  )
  assert.equal(
    backoff(99, () => 1),
    15_000,
  )
})

test("waking does not wait for the next attempt, and refreshes a live view", async () => {
  const { world, stream, live, kind } = await started()
  await live()
  stream.wake()
  assert.equal(world.sent.at(-1), "snapshot")
  for (let i = 0; i < 6; i++) {
    world.heard!.closed()
    await world.pass(15_000)
  }
  world.heard!.closed()
  const before = world.opened
  stream.wake()
  await settled()
  assert.equal(world.opened, before + 1)
  assert.equal(kind(), "connecting")
})

test("a connection that says nothing is given up", async () => {
  const { world, live, kind } = await started()
  await live()
  await world.pass(REFRESH_MS + PATIENCE_MS - 1)
  assert.equal(kind(), "live")
  await world.pass(1)
  assert.equal(kind(), "waiting")
  assert.equal(world.closed, 1)
})

test("what an old connection still says is not heard", async () => {
  const { world, live, log } = await started()
  await live()
  const old = world.heard!
  old.closed()
  await world.pass(500)
  old.message(JSON.stringify({ type: "update", at: 2, couriers: columns([courier()]) }))
  old.closed()
  assert.deepEqual(log, ["snapshot 1 90"])
  assert.equal(world.opened, 2)
})

test("no ticket is tried again; a refusal ends it", async () => {
  const { world, states, log } = await started()
  world.failing = "503"
  await settled()
  world.heard!.closed()
  await world.pass(500)
  assert.equal(states.at(-1)!.kind, "waiting")
  world.failing = "401"
  await world.pass(1_000)
  assert.equal(states.at(-1)!.kind, "stopped")
  assert.deepEqual(log, ["refused 401"])
  await world.pass(60_000)
  assert.equal(world.opened, 1)
})

test("a frame that is not understood is left out and the rest goes on", async () => {
  const { live, log, say, kind } = await started()
  await live()
  say({ type: "update", at: 2, couriers: {} })
  say({ type: "error", problem: { detail: "what?" } })
  assert.deepEqual(log, ["snapshot 1 90", "couriers.courier is missing", "what?"])
  assert.equal(kind(), "live")
})
