import assert from "node:assert/strict"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { test } from "node:test"
import { ago, distance, percent, setLanguage, span, t } from "../src/i18n"
import { en } from "../src/i18n/en"
import { zh } from "../src/i18n/zh"

const keys = Object.keys(en) as (keyof typeof en)[]
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()

test("Chinese has every message, with the same holes, in Chinese", () => {
  assert.deepEqual(Object.keys(zh).sort(), [...keys].sort())
  for (const key of keys) assert.deepEqual(holes(zh[key]), holes(en[key]), key)
  const same = keys.filter((key) => en[key] === zh[key])
  assert.deepEqual(same, [])
})

test("every message is used", async () => {
  const files = await readdir("src", { recursive: true })
  const sources = files.filter((file) => file.endsWith(".ts") && !/i18n.(en|zh)|words/.test(file))
  const code = (await Promise.all(sources.map((file) => readFile(join("src", file), "utf8")))).join("\n")
  const ofRoutes =
    /^routes\.((state|datum|finding|tool)\.[\w-]+|tool\.\w+\.how|stop\.(opens|closes)|up|down|remove)$/
  const built =
    /^(state|state\.help|list\.sort|role|card|alert|page|tasks\.status|bonus\.(rule|line)|trip\.(state|action))\.\w+$/
  const acts =
    /^(trips\.(waiting|underway|approved|paid|ended)|trip\.(approve|reject|reassign|release|cancel))(\.|$)/
  const fields =
    /^form\.(on_time|late|coverage|off_route|limits|unit|(opens|closes|start_from|start_until|deadline)(_after)?)(\.\w+)?$/
  const unused = keys.filter(
    (key) =>
      !code.includes(`"${key}"`) &&
      !built.test(key) &&
      !acts.test(key) &&
      !fields.test(key) &&
      !ofRoutes.test(key),
  )
  assert.deepEqual(unused, [])
})

test("ages, distances, spans and shares read well in both", () => {
  setLanguage("en")
  assert.deepEqual([1, 42, 130, 7_300, 200_000].map(ago), [
    "just now",
    "42 s ago",
    "2 min ago",
    "2 h ago",
    "2 d ago",
  ])
  assert.deepEqual(
    [3.4, 184, 994, 1_234, 123_456].map((m) => distance(m)),
    ["3 m", "180 m", "990 m", "1.2 km", "123 km"],
  )
  assert.deepEqual([1_500, 9_000, 200_000].map(span), ["25 min", "2 h 30 min", "2 d 7 h"])
  assert.deepEqual([0, 0.29, 0.999, 1].map(percent), ["0%", "29%", "99%", "100%"])
  setLanguage("zh")
  assert.equal(ago(42), "42 秒前")
  assert.equal(t("row.offroute", { distance: distance(184) }), "偏离路线 180 m")
})
