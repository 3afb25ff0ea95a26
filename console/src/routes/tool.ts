/** What a click on the map does: draws on, puts a stop, or moves what is there. */
export type Tool = "linestring" | "point" | "select"

/** A line of more points is not moved by hand: each is a handle, and so is each middle between two. */
export const HANDLES = 1_000
