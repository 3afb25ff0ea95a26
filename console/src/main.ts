/** Config, then sign-in, then the pages; and back to sign-in when the session ends. */
import { Problem, Unreachable } from "./core/api"
import { BadConfig, type Config, loadConfig } from "./core/config"
import { forget, restore, type Session } from "./core/session"
import { initialLanguage, type Key } from "./i18n"
import { Shell } from "./shell"
import { speak } from "./ui/language"
import { signInPage, stopPage } from "./ui/signin"

async function start(): Promise<void> {
  speak(initialLanguage())
  try {
    const config = await loadConfig()
    const session = restore()
    if (session === "expired") ask(config, "signin.expired")
    else if (session) enter(config, session)
    else ask(config, null)
  } catch (error) {
    document.body.replaceChildren(explain(error))
  }
}

function ask(config: Config, notice: Key | null): void {
  forget()
  document.body.replaceChildren(signInPage(config, notice, (session) => enter(config, session)))
}

function enter(config: Config, session: Session): void {
  document.body.replaceChildren(new Shell(config, session, (notice) => ask(config, notice)).element)
}

function explain(error: unknown): HTMLElement {
  if (error instanceof Unreachable) return stopPage("app.unreachable.title", "app.unreachable.next")
  if (error instanceof Problem || error instanceof BadConfig) {
    return stopPage("app.config.title", "app.config.next", { detail: error.message })
  }
  throw error
}

void start()
