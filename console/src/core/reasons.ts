/** What the server says in English with a code and values beside it, in the page's language. */
import { currentLanguage, distance, metres, moment, money, number, word } from "../i18n"
import { SENTENCES, TYPES } from "../i18n/reasons"

/** A text of the server; `code`: its sentence's name; `given`: what it was made of (docs/reasons.md). `alone`: what
 * reads on from a field's name stands by itself. */
export interface Reason {
  readonly text: string
  readonly alone?: boolean
  readonly code?: string | undefined
  readonly given?: Given | undefined
}
export type Given = Readonly<Record<string, unknown>>

/** `lang`: of the text, where it is not the page's. */
export interface Words {
  readonly text: string
  readonly lang: "en" | null
}

const HOLE = /\{(\w+)(?::([\w.]+))?\}/g

export function inWords(reason: Reason): Words {
  const { text, alone = false } = reason
  const english = alone ? stopped(`${text.charAt(0).toUpperCase()}${text.slice(1)}`, ".") : text
  if (currentLanguage() === "en") return { text: english, lang: null }
  const chinese = translated(reason)
  if (chinese === null) return { text: english, lang: "en" }
  return { text: alone ? stopped(chinese, "。") : chinese, lang: null }
}

const stopped = (text: string, stop: string) => (/[.!?。]$/.test(text) ? text : `${text}${stop}`)

/** Null where the sentence is not known here, or a newer server gives other values for it. */
function translated({ code, given = {} }: Reason): string | null {
  const sentence = code === undefined ? undefined : SENTENCES[code]
  if (sentence === undefined) return null
  const holes = [...sentence.matchAll(HOLE)]
  if (!holes.every(([, name]) => name! in given)) return null
  try {
    return sentence.replace(HOLE, (_, name: string, kind?: string) => shown(given[name], kind, given))
  } catch (error) {
    if (error instanceof RangeError) return null // of Intl: no such currency, or no time
    throw error
  }
}

/** By what kind a value is; what is none of these is the beginning of a word's name (`trip.state`). */
const KINDS: Readonly<Record<string, (value: unknown, given: Given) => string>> = {
  exact: String,
  m: (value) => metres(Number(value)),
  km: (value) => distance(Number(value) * 1000, true),
  moment: (value) => moment(Number(value)),
  money: (value, { currency }) => money(String(value), String(currency)),
  /** The server counts from 0, people from 1. */
  nth: (value) => number(Number(value) + 1),
  type: (value) => typed(String(value)),
}

function shown(value: unknown, kind: string | undefined, given: Given): string {
  if (Array.isArray(value)) return value.map((it) => shown(it, kind, given)).join("、")
  if (isReason(value)) return inWords(value).text
  if (kind === undefined) return typeof value === "number" ? number(value) : String(value)
  return KINDS[kind]?.(value, given) ?? word(`${kind}.${value}`) ?? String(value)
}

/** Of JSON: `number | null` is a number, or none. */
const typed = (type: string): string =>
  type
    .split(" | ")
    .map((it) => TYPES[it] ?? it)
    .join("或")

const isReason = (value: unknown): value is Reason =>
  typeof value === "object" && value !== null && "text" in value
