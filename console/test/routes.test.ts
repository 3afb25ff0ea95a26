/** Routes: what addresses mean, how versions are shelved, what warnings say, and where they are drawn. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { isName } from "../src/core/names"
import { setLanguage } from "../src/i18n"
import { formatOf, stem } from "../src/routes/files"
import { sentence } from "../src/routes/findings"
import { at } from "../src/routes/import"
import { extent, measure, ofDraft, stretch } from "../src/routes/picture"
import {
  bare,
  type Preview,
  shelved,
  type Version,
  type Warning,
  type WholeDraft,
} from "../src/routes/routes"
import { moved, readPlace, readPlaces, readTime, Sketches, withStop, writePlace } from "../src/routes/sketch"
import { form, idOf, parseThing, version } from "../src/routes/thing"

const LINE = [
  [121.4737, 31.2304],
  [121.4801, 31.2304],
  [121.4801, 31.2349],
] as const
const PIER = { name: "Pier 4", lon: 121.4768, lat: 31.2305, radius_m: 40, opens: "08:00", closes: "09:00" }

function draft(warnings: Warning[], said: Partial<Preview> = {}): WholeDraft {
  const preview: Preview = {
    publishable: false,
    length_m: 1108.683,
    vertices: { drawn: 3, simplified: 3 },
    duration_s: 457,
    pace: { speed_mps: 4, dwell_s: 180, wait_s: 1800 },
    stops: [{ ...PIER, along_m: 295, arrives_s: 74 }],
    starts: null,
    overlaps: [],
    warnings,
    ...said,
  }
  const head = { route: "lap", name: "Lap", length_m: 1108.683, state: "draft", revision: 1 } as const
  const properties = { ...head, changed_at: 0, changed_by: "ada", stops: [PIER], preview }
  return { geometry: { coordinates: LINE }, properties }
}

test("an address names a version, a draft or a form", () => {
  assert.deepEqual(parseThing(null), { kind: "nothing" })
  assert.deepEqual(parseThing("lap@2"), { kind: "version", route: "lap@2" })
  assert.deepEqual(parseThing("lap"), { kind: "draft", id: "lap" })
  assert.deepEqual(parseThing(form("import")), { kind: "import", id: null })
  assert.deepEqual(parseThing(form("draw", "lap")), { kind: "draw", id: "lap" })
  assert.deepEqual(parseThing("La p~import"), { kind: "import", id: null })
  assert.deepEqual(version("lap-2@12"), { id: "lap-2", version: 12 })
})

test("an id is made of what a file is called", () => {
  assert.equal(idOf(stem("C:\\tracks\\Harbour Lap (2).gpx")), "harbour-lap-2")
  assert.equal(idOf("码头"), "")
  assert.equal(idOf("x".repeat(90)).length, 48)
  assert.ok(isName(idOf("Überland 7")))
})

test("a file's format is in its name", () => {
  assert.equal(formatOf("a.b.GPX"), "gpx")
  assert.equal(formatOf("lap.json"), "geojson")
  assert.equal(formatOf("lap.kmz"), null)
})

test("the newest version of each route comes first, by name, and the older ones under it", () => {
  const one = (route: string, name: string): Version => ({ route, name, length_m: 1, state: "published" })
  const found = shelved([one("a@1", "Zoo"), one("a@10", "Zoo"), one("a@2", "Zoo"), one("b@1", "Bay")])
  assert.deepEqual(
    found.map(({ route, older }) => [route, older]),
    [
      ["b@1", false],
      ["a@10", false],
      ["a@2", true],
      ["a@1", true],
    ],
  )
})

test("a warning is said from its numbers, in both languages", () => {
  const cases: [Warning, Partial<Preview>, string, string][] = [
    [
      { code: "stop-refused", detail: "", blocks: true, index: 0, amount: 230.4, unit: "m" },
      {},
      "Stop 1, Pier 4, is 230 m from the line, beyond its radius of 40 m",
      "第 1 站“Pier 4”距路线 230 m",
    ],
    [
      { code: "sharp-turn", detail: "", blocks: false, along_m: 1500, amount: 171.6, unit: "degrees" },
      {},
      "turns by 172° at 1.5 km",
      "1.5 km 处转向 172°",
    ],
    [
      { code: "overlap", detail: "", blocks: false, along_m: 0, amount: 0.4, unit: "share" },
      { overlaps: [[0, 400]] },
      "40% of the route",
      "路线的 40%",
    ],
    [
      { code: "hours-unmet", detail: "", blocks: false, index: 0 },
      {},
      "open from 08:00 to 09:00",
      "开放时间为 08:00 至 09:00",
    ],
    [
      { code: "long-gap", detail: "", blocks: false, index: 1, amount: 3_300 },
      {},
      "Points 2 and 3 are 3.3 km apart",
      "第 2 点与第 3 点相距 3.3 km",
    ],
  ]
  for (const [warning, preview, english, chinese] of cases) {
    const found = draft([warning], preview)
    setLanguage("en")
    assert.ok(sentence(warning, found)?.includes(english), sentence(warning, found) ?? "none")
    setLanguage("zh")
    assert.ok(sentence(warning, found)?.includes(chinese), sentence(warning, found) ?? "none")
    setLanguage("en")
  }
})

test("stops in another order are told with the order in which the line passes them", () => {
  const warning: Warning = { code: "stop-refused", detail: "", blocks: true, index: 1 }
  const stops = [
    { ...PIER, along_m: 900, arrives_s: null },
    { ...PIER, name: "Gate", along_m: 20, arrives_s: null },
  ]
  assert.match(sentence(warning, draft([warning], { stops })) ?? "", /Stop 2, Gate, .* passes them as 2, 1/)
})

test("a warning that is not known has no sentence of ours: the server's is shown", () => {
  assert.equal(sentence({ code: "of-tomorrow", detail: "New.", blocks: true }, draft([])), null)
  assert.equal(sentence({ code: "no-route", detail: "Too long.", blocks: true }, draft([])), null)
})

test("a stretch of a line begins and ends between its points", () => {
  const { line } = ofDraft(draft([]))
  const found = stretch(line!, 100, 800)
  assert.equal(found.length, 3)
  assert.deepEqual(found[1], LINE[1])
  assert.ok(Math.abs(measure(found) - 700) < 1)
})

test("marks lie where their warnings are, with the stretches that they are about", () => {
  const gap: Warning = { code: "long-gap", detail: "", blocks: false, index: 1, lon: 121.4801, lat: 31.2304 }
  const nowhere: Warning = { code: "no-route", detail: "", blocks: true }
  const { marks } = ofDraft(draft([nowhere, gap]))
  assert.deepEqual(
    marks.map(({ number, blocks, stretches }) => [number, blocks, stretches]),
    [[2, false, [[LINE[1], LINE[2]]]]],
  )
})

test("the extent holds the line and what is beside it", () => {
  const picture = ofDraft(draft([]))
  const far = { ...PIER, lon: 121.6, lat: 31.1 }
  assert.deepEqual(extent({ ...picture, stops: [far] }), {
    west: 121.4737,
    south: 31.1,
    east: 121.6,
    north: 31.2349,
  })
  assert.equal(extent({ line: null, stops: [], marks: [] }), null)
})

test("a fault is shown at its field, and what is wrong in a file at the file", () => {
  assert.deepEqual(["name", "time_zone", "body.features[0]", "stops[1].opens", "line"].map(at), [
    "name",
    "time_zone",
    "file",
    "file",
    "file",
  ])
})

test("a stop is put again without what the server finds", () => {
  assert.deepEqual(bare({ ...PIER, along_m: 3 } as never), PIER)
  const { opens: _, closes: __, ...always } = PIER
  assert.deepEqual(bare({ ...PIER, opens: null, closes: null }), always)
})

test("changes are taken back and made again, until something else is done", () => {
  let shown = 0
  const sketches = new Sketches({ line: [], stops: [] }, () => shown++)
  sketches.change({ line: [LINE[0]] })
  sketches.change({ line: [LINE[0], LINE[1]] })
  sketches.undo()
  assert.deepEqual(sketches.now.line, [LINE[0]])
  sketches.redo()
  assert.equal(sketches.now.line.length, 2)
  sketches.undo()
  sketches.change({ stops: [PIER] })
  assert.equal(sketches.canRedo, false)
  sketches.redo()
  assert.deepEqual(sketches.now, { line: [LINE[0]], stops: [PIER] })
  assert.equal(shown, 6)
})

test("a place is latitude and longitude, as people paste it", () => {
  assert.deepEqual(readPlace(" 31.2304, 121.4737 "), [121.4737, 31.2304])
  assert.deepEqual(readPlace("31.2304，121.4737"), [121.4737, 31.2304])
  assert.deepEqual(readPlace("-31.2304\t-121.4737"), [-121.4737, -31.2304])
  assert.deepEqual(readPlace(writePlace([121.123456789, 31])), [121.1234568, 31])
  for (const none of ["121.4737, 31.2304", "31.2304", "", "a, b", "31.2, 121.4, 5"]) {
    assert.equal(readPlace(none), null, none)
  }
  assert.deepEqual(readPlaces("31, 121\n\n121\n32, 122\n"), {
    places: [
      [121, 31],
      [122, 32],
    ],
    wrong: [3],
  })
})

test("a time of day is written as people write it", () => {
  assert.deepEqual(["8:00", "08：30", "2359", "24:00", "8", ""].map(readTime), [
    "08:00",
    "08:30",
    "23:59",
    null,
    null,
    null,
  ])
})

test("what is moved in a list stays in it, and at its ends it stays where it is", () => {
  assert.deepEqual(moved(["a", "b", "c"], 2, "up"), ["a", "c", "b"])
  assert.deepEqual(moved(["a", "b", "c"], 0, "down"), ["b", "a", "c"])
  assert.deepEqual(moved(["a", "b"], 0, "up"), ["a", "b"])
  assert.deepEqual(moved(["a", "b"], 1, "down"), ["a", "b"])
  assert.deepEqual(moved(["a", "b"], 0, "remove"), ["b"])
})

test("a stop is put among the others in the order in which the line passes them", () => {
  const late = { ...PIER, name: "Late", lon: 121.4801, lat: 31.234 }
  const [stops, i] = withStop({ line: [...LINE], stops: [PIER, late] }, "New", [121.48, 31.2311])
  assert.deepEqual(
    stops.map(({ name }) => name),
    ["Pier 4", "New", "Late"],
  )
  assert.equal(i, 1)
  assert.equal(withStop({ line: [], stops: [] }, "Only", [1, 2])[1], 0)
})
