/** The files that a route comes in. */
export type Format = "geojson" | "gpx" | "kml"

export const TYPES: Readonly<Record<Format, string>> = {
  geojson: "application/geo+json",
  gpx: "application/gpx+xml",
  kml: "application/vnd.google-earth.kml+xml",
}
export const SUFFIXES = ".geojson,.json,.gpx,.kml"
/** What the API reads at most, expanded [bytes]. */
export const LARGEST = 16_000_000

/** By the end of its name; null for what is not read. */
export function formatOf(name: string): Format | null {
  const end = name.toLowerCase().split(".").at(-1)
  if (end === "geojson" || end === "json") return "geojson"
  return end === "gpx" || end === "kml" ? end : null
}

/** Without folder and ending. */
export const stem = (name: string): string => name.replace(/^.*[\\/]/, "").replace(/\.[^.]*$/, "")
