/** Builds dist/ (what is served) or, with --test, the tests as plain modules. Every asset carries its hash. */
import { createHash } from "node:crypto"
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const here = dirname(fileURLToPath(import.meta.url))
const dist = join(here, "dist")
const common = { bundle: true, format: "esm", target: "es2022", logLevel: "warning", absWorkingDir: here }

/** MapLibre's CSP build keeps its worker in a file of its own, so that `worker-src 'self'` is enough. */
const WORKER = "node_modules/maplibre-gl/dist/maplibre-gl-csp-worker.js"

async function worker() {
  const text = (await readFile(join(here, WORKER), "utf8")).replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n")
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8)
  const name = `assets/maplibre-worker-${hash}.js`
  await writeFile(join(dist, name), text)
  return name
}

/** What the live map is made of is asked for before the page's own code has come to it. */
const preload = (path) => `<link rel="modulepreload" href="${path}">`

async function page() {
  await rm(dist, { recursive: true, force: true })
  await mkdir(join(dist, "assets"), { recursive: true })
  const result = await build({
    ...common,
    entryPoints: { app: "src/main.ts", style: "src/styles/index.css" },
    outdir: "dist/assets",
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    loader: { ".woff2": "file" },
    define: { MAPLIBRE_WORKER: JSON.stringify(await worker()) },
    splitting: true,
    minify: true,
    legalComments: "linked",
    metafile: true,
  })
  const outputs = Object.entries(result.metafile.outputs)
  const named = (entry) => `assets/${basename(outputs.find(([, made]) => made.entryPoint === entry)[0])}`
  const map = outputs.find(([, made]) => made.entryPoint === "src/map/view.ts")
  const shared = map[1].imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => path)
  const preloads = [map[0], ...shared].map((path) => preload(`assets/${basename(path)}`))
  const html = await readFile(join(here, "src/index.html"), "utf8")
  const filled = html
    .replace("%APP%", named("src/main.ts"))
    .replace("%STYLE%", named("src/styles/index.css"))
    .replace("%MAP%", preloads.join("\n    "))
  await writeFile(join(dist, "index.html"), filled)
  await cp(join(here, "static"), dist, { recursive: true })
}

async function tests() {
  const files = (await readdir(join(here, "test"))).filter((name) => name.endsWith(".test.ts"))
  const outdir = "node_modules/.test"
  await rm(join(here, outdir), { recursive: true, force: true })
  const entryPoints = files.map((name) => `test/${name}`)
  await build({ ...common, entryPoints, outdir, platform: "node", outExtension: { ".js": ".mjs" } })
}

await (process.argv.includes("--test") ? tests() : page())
