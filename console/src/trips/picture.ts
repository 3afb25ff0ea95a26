/** One photo. Its address holds for minutes only: a new one is asked for when it does not load. */
import { Problem, Unreachable } from "../core/api"
import { moment, number } from "../i18n"
import { h, say } from "../ui/dom"
import type { Photo } from "./trips"

/** The photo with a new address; null where it is gone. */
export type Renew = (photo: string) => Promise<Photo | null>

/** A second failure so soon is not the address's. */
const SOON_MS = 20_000

export class Picture {
  readonly element = h("span", { class: "picture-frame", "aria-busy": "true" })
  private readonly image = h("img", { alt: "", decoding: "async", draggable: "false" })
  private renewed = Number.NEGATIVE_INFINITY

  constructor(
    private readonly photo: Photo,
    private readonly renew: Renew,
  ) {
    this.image.addEventListener("load", () => this.element.removeAttribute("aria-busy"))
    this.image.addEventListener("error", () => void this.again())
    this.element.append(this.image)
    this.image.src = photo.url
  }

  private async again(): Promise<void> {
    const now = performance.now()
    if (now - this.renewed < SOON_MS) return this.give()
    this.renewed = now
    try {
      const found = await this.renew(this.photo.photo)
      if (found) this.image.src = found.url
      else this.give()
    } catch (error) {
      if (!(error instanceof Problem || error instanceof Unreachable)) throw error
      this.give()
    }
  }

  /** The browser cannot draw it, such as HEIC, or it does not come. */
  private give(): void {
    this.element.removeAttribute("aria-busy")
    const { content_type: type } = this.photo
    this.element.replaceChildren(say(h("span", { class: "quiet" }), "trip.photo.off", { type }))
  }
}

/** When it was counted, and its size. */
export const about = ({ at, size }: Photo) => ({ at: moment(at), kb: number(Math.ceil(size / 1000)) })
