/** The worker's address, filled in by build.mjs. */
declare const MAPLIBRE_WORKER: string

declare module "maplibre-gl/dist/maplibre-gl-csp.js" {
  export * from "maplibre-gl"
}
