/** What the page's address says: which page is open, and which thing on it. */
export const PAGES = ["live", "trips", "payouts", "tasks", "routes", "people", "fleet"] as const
export type PageName = (typeof PAGES)[number]

export interface Address {
  readonly page: PageName
  /** An id, such as that of a trip; null for none. */
  readonly thing: string | null
}

/** `#/trips/tr_1` and the like; what is not known is the live page. */
export function parse(hash: string): Address {
  const [, page = "", thing = ""] = hash.split("/")
  const known = PAGES.find((name) => name === page)
  return known ? { page: known, thing: plain(thing) } : { page: "live", thing: null }
}

export function href(page: PageName, thing?: string | null): string {
  return thing ? `#/${page}/${encodeURIComponent(thing)}` : `#/${page}`
}

/** The same where this console has such a page; else null. */
export function maybe(page: string, thing: string): string | null {
  const known = PAGES.find((name) => name === page)
  return known ? href(known, thing) : null
}

function plain(said: string): string | null {
  try {
    return decodeURIComponent(said) || null
  } catch {
    return null
  }
}

/** The way on from where the person is now, for when something is done: nobody is taken away from where they have
 * gone meanwhile. */
export class Onward {
  private readonly from = location.hash

  /** Whether the person is where they were. */
  get open(): boolean {
    return location.hash === this.from
  }

  go(to: string): void {
    if (this.open) location.hash = to
  }

  /** As `go`, with no step back to where it began. */
  replace(to: string): void {
    if (this.open) location.replace(to)
  }
}
