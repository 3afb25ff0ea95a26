/** What the server says in English with a code and values beside it, in the page's language. */
import { currentLanguage, distance, moment, money, number, word } from "../i18n"
import { SENTENCES, TYPES } from "../i18n/reasons"

/** A text of the server; `code`: its sentence's name; `given`: what it was made of (docs/reasons.md). */
export interface Reason {
  readonly text: string
  readonly code?: string | undefined
  readonly given?: Given | undefined
}
export type Given = Readonly<Record<string, unknown>>

/** `lang`: of the text, where it is not the page's. */
export interface Words {
  readonly text: string
  readonly lang: "en" | null
}

export function inWords(reason: Reason): Words {
  if (currentLanguage() === "en") return { text: reason.text, lang: null }
  const text = translated(reason)
  return text === null ? { text: reason.text, lang: "en" } : { text, lang: null }
}

/** Null where the sentence is not known here, or a value of it is missing. */
function translated({ code, given = {} }: Reason): string | null {
  const sentence = code === undefined ? undefined : SENTENCES[code]
  if (sentence === undefined) return null
  let whole = true
  const text = sentence.replace(/\{(\w+)(?::([\w.]+))?\}/g, (_, name: string, kind?: string) => {
    const value = given[name]
    if (value === undefined || value === null) whole = false
    return shown(value, kind, given)
  })
  return whole ? text : null
}

/** How a value is written: by what kind it is, or as the word with that beginning (`trip.state.paid`). */
function shown(value: unknown, kind: string | undefined, given: Given): string {
  if (Array.isArray(value)) return value.map((it) => shown(it, kind, given)).join("、")
  if (isReason(value)) return inWords(value).text
  if (kind === "moment") return moment(Number(value))
  if (kind === "distance") return distance(Number(value))
  if (kind === "money") return money(String(value), String(given.currency))
  if (kind === "type") return typed(String(value))
  if (kind !== undefined) return word(`${kind}.${value}`) ?? String(value)
  return typeof value === "number" ? number(value) : String(value)
}

/** Of JSON: `number | null` is a number, or none. */
const typed = (type: string): string =>
  type
    .split(" | ")
    .map((it) => TYPES[it] ?? it)
    .join("或")

const isReason = (value: unknown): value is Reason =>
  typeof value === "object" && value !== null && "text" in value
