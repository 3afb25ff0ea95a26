/** The style sheet's colours for what is drawn on canvases: one source for both themes. */
import { STATES, type State } from "../core/model"

export interface Palette {
  readonly dark: boolean
  readonly state: Readonly<Record<State, string>>
  readonly canvas: string
  readonly surface: string
  readonly text: string
  readonly quiet: string
  readonly accent: string
  readonly warn: string
  readonly danger: string
  readonly route: string
  readonly routeCase: string
  readonly grid: string
  readonly font: string
}

const DARK = matchMedia("(prefers-color-scheme: dark)")

export function palette(): Palette {
  const style = getComputedStyle(document.documentElement)
  const read = (name: string) => style.getPropertyValue(`--${name}`).trim()
  const states = STATES.map((state) => [state, read(`state-${state.replace("_", "-")}`)])
  return {
    dark: DARK.matches,
    state: Object.fromEntries(states) as Record<State, string>,
    canvas: read("canvas"),
    surface: read("surface"),
    text: read("text"),
    quiet: read("quiet"),
    accent: read("accent"),
    warn: read("warn"),
    danger: read("danger"),
    route: read("route"),
    routeCase: read("route-case"),
    grid: read("grid"),
    font: read("font"),
  }
}

export function onTheme(act: () => void): () => void {
  DARK.addEventListener("change", act)
  return () => DARK.removeEventListener("change", act)
}
