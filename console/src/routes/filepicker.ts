/** Where a file is chosen, or dropped. */
import type { Control } from "../desk/form"
import type { Key } from "../i18n"
import { h } from "../ui/dom"
import { type Format, formatOf, LARGEST, SUFFIXES, stem } from "./files"

export interface Chosen {
  readonly file: File
  readonly format: Format | null
}

export class FilePicker implements Control {
  readonly element = h("input", { type: "file", accept: SUFFIXES, class: "picker" })
  readonly input = this.element
  chosen: Chosen | null = null

  /** `named`: what the file that was chosen is called, without its ending. */
  constructor(private readonly named: (name: string) => void) {
    this.element.addEventListener("change", () => this.take(this.element.files?.[0]))
  }

  /** What is dropped anywhere on it is taken. */
  catch(form: HTMLElement): void {
    const hover = (over: boolean) => form.classList.toggle("dropping", over)
    form.addEventListener("dragover", (event) => {
      event.preventDefault()
      hover(true)
    })
    form.addEventListener("dragleave", (event) => {
      if (!form.contains(event.relatedTarget as Node | null)) hover(false)
    })
    form.addEventListener("drop", (event) => {
      event.preventDefault()
      hover(false)
      const files = event.dataTransfer?.files
      if (!files?.length) return
      this.element.files = files
      this.element.dispatchEvent(new Event("change", { bubbles: true })) // as if it was chosen
    })
  }

  read(): string {
    return this.chosen?.file.name ?? ""
  }

  /** A browser lets nobody choose a file but the person. */
  fill(): void {}

  /** Why the file cannot be sent; null where it can. */
  wrong(): Key | null {
    const { chosen } = this
    if (!chosen) return "routes.file.none"
    if (chosen.format === null) return "routes.file.kind"
    return chosen.file.size > LARGEST ? "routes.file.large" : null
  }

  private take(file: File | undefined): void {
    this.chosen = file ? { file, format: formatOf(file.name) } : null
    if (file) this.named(stem(file.name))
  }
}
