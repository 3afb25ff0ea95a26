import assert from "node:assert/strict"
import { test } from "node:test"
import { Line, latitude, longitude, mercatorX, mercatorY } from "../src/core/geometry"
import { Glide } from "../src/core/glide"
import { courier } from "./rows"

/** East along a parallel and back: a straight line between two of its points may leave the way out. */
const line = new Line(
  "lap@1",
  "Lap",
  [
    [121.47, 31.23],
    [121.48, 31.23],
    [121.48, 31.235],
    [121.47, 31.235],
  ],
  2_500,
)

function close(actual: number, expected: number, within: number): void {
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected} ± ${within}`)
}

test("Mercator there and back", () => {
  for (const [lon, lat] of [
    [-179.9, -80],
    [0, 0],
    [121.4737, 31.2304],
  ] as const) {
    close(longitude(mercatorX(lon)), lon, 1e-9)
    close(latitude(mercatorY(lat)), lat, 1e-9)
  }
})

test("metres along end where the route's own length ends", () => {
  const spot = { x: 0, y: 0, heading: 0 }
  assert.equal(line.along.at(-1), 2_500)
  line.at(0, spot)
  close(longitude(spot.x), 121.47, 1e-9)
  close(spot.heading, 0, 1e-9)
  for (const beyond of [2_500, 9_999]) {
    line.at(beyond, spot)
    close(longitude(spot.x), 121.47, 1e-9)
    close(Math.abs(spot.heading), Math.PI, 1e-6)
  }
})

test("vertices that coincide do no harm", () => {
  const twice = new Line(
    "a@1",
    "A",
    [
      [1, 1],
      [1, 1],
      [1.001, 1],
      [1.001, 1],
    ],
    111,
  )
  const spot = { x: 0, y: 0, heading: 0 }
  close(longitude(twice.at(55.5, spot).x), 1.0005, 1e-6)
  close(longitude(twice.at(111, spot).x), 1.001, 1e-9)
})

test("the first sight is there at once; the next is glided to along the route", () => {
  const glide = new Glide()
  glide.target(courier({ along_m: 800 }), line, 0, false)
  assert.equal(glide.move(0), false)
  glide.target(courier({ along_m: 1_700 }), line, 4_000, false)
  assert.equal(glide.move(6_000), true)
  const spot = { x: 0, y: 0, heading: 0 }
  line.at(1_250, spot)
  close(glide.spot.x, spot.x, 1e-12)
  close(glide.spot.y, spot.y, 1e-12)
  assert.equal(glide.move(8_000), false)
})

test("a frame from before the update draws where the dot was, and never nowhere", () => {
  const glide = new Glide()
  glide.target(courier({ along_m: 800 }), line, 100, false)
  assert.equal(glide.move(90), false)
  const { x, y } = glide.spot
  glide.target(courier({ along_m: 1_700 }), line, 4_000, false)
  assert.equal(glide.move(3_990), true)
  assert.deepEqual([glide.spot.x, glide.spot.y], [x, y])
})

test("a glide lasts as long as the updates lie apart, at most ten seconds", () => {
  const glide = new Glide()
  glide.target(courier({ along_m: 0 }), line, 0, false)
  glide.target(courier({ along_m: 100 }), line, 60_000, false)
  assert.equal(glide.move(69_900), true)
  assert.equal(glide.move(70_000), false)
})

test("off the route it goes straight to where the phone says it is", () => {
  const glide = new Glide()
  glide.target(courier({ along_m: 400 }), line, 0, false)
  const before = { ...glide.spot }
  glide.target(
    courier({ state: "off_route", along_m: 450, offset_m: 200, lon: 121.476, lat: 31.232 }),
    line,
    2_000,
    false,
  )
  glide.move(3_000)
  close(glide.spot.x, (before.x + mercatorX(121.476)) / 2, 1e-9)
  glide.move(4_000)
  close(longitude(glide.spot.x), 121.476, 1e-9)
  close(latitude(glide.spot.y), 31.232, 1e-9)
})

test("no glide with reduced motion, nor over more than three kilometres", () => {
  for (const [still, lon] of [
    [true, 121.476],
    [false, 121.6],
  ] as const) {
    const glide = new Glide()
    glide.target(courier({ state: "idle", lon: 121.475 }), null, 0, false)
    glide.target(courier({ state: "idle", lon }), null, 1_000, still)
    assert.equal(glide.move(1_000), false)
    close(longitude(glide.spot.x), lon, 1e-9)
  }
})

test("a correction backwards does not run the route in reverse", () => {
  const glide = new Glide()
  glide.target(courier({ along_m: 1_700 }), line, 0, false)
  glide.target(courier({ along_m: 800 }), line, 1_000, false)
  glide.move(1_500)
  const between = { x: 0, y: 0, heading: 0 }
  line.at(1_250, between)
  assert.ok(Math.abs(glide.spot.x - between.x) > 1e-6)
})

test("without a position there is no dot; with one again there is", () => {
  const glide = new Glide()
  glide.target(courier(), line, 0, false)
  glide.target(courier({ state: "idle", lat: null, lon: null }), null, 1_000, false)
  assert.equal(glide.placed, false)
  glide.target(courier({ state: "idle" }), null, 2_000, false)
  assert.equal(glide.placed, true)
  close(longitude(glide.spot.x), 121.4737, 1e-9)
})
