/** English or Chinese; remembered in this browser. */
import { currentLanguage, keepLanguage, LANGUAGES, type Language, setLanguage } from "../i18n"
import { attribute, h, name, retext } from "./dom"

export const LANGUAGE_EVENT = "milepost:language"
const SHORT: Readonly<Record<Language, string>> = { en: "EN", zh: "中文" }

export function languageSwitch(): HTMLElement {
  const buttons = (Object.keys(LANGUAGES) as Language[]).map((language) => {
    const made = h("button", { type: "button", lang: language, title: LANGUAGES[language] }, SHORT[language])
    attribute(made, "data-language", language)
    attribute(made, "aria-pressed", String(language === currentLanguage()))
    made.addEventListener("click", () => {
      keepLanguage(language)
      speak(language)
    })
    return made
  })
  return name(h("div", { class: "switch", role: "group" }, ...buttons), "app.language")
}

export function speak(language: Language): void {
  setLanguage(language)
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en"
  retext(document)
  for (const made of document.querySelectorAll("[data-language]")) {
    attribute(made, "aria-pressed", String(made.getAttribute("data-language") === language))
  }
  document.dispatchEvent(new Event(LANGUAGE_EVENT))
}
