/** What somebody has typed and not sent: it outlives a reload and the end of a session in this tab, and is gone when
 * its user signs out or another one signs in. */
import type { Session } from "./session"

const PREFIX = "milepost.typed/"

export class Typed {
  private readonly key: string

  /** `what`: the form. */
  constructor(session: Session, what: string) {
    this.key = `${own(session)}${what}`
  }

  get(): string | null {
    return sessionStorage.getItem(this.key)
  }

  /** Null for what is sent, or thrown away. */
  keep(text: string | null): void {
    if (text === null) sessionStorage.removeItem(this.key)
    else sessionStorage.setItem(this.key, text)
  }
}

/** Whether anything is kept. */
export const anyTyped = (): boolean => all().length > 0

/** All that is not this user's; of nobody: all. */
export function forgetTyped(but?: Session): void {
  for (const key of all()) if (!but || !key.startsWith(own(but))) sessionStorage.removeItem(key)
}

const own = ({ fleet, user }: Session) => `${PREFIX}${fleet}/${user}/`
const all = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX))
