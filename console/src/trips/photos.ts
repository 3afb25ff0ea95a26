/** A trip's photos side by side; one opens large, and is asked for again when its address has run out. */
import { section } from "../desk/parts"
import { t } from "../i18n"
import { h, name, say } from "../ui/dom"
import { about, Picture } from "./picture"
import type { Photo, Photos } from "./trips"
import { Viewer } from "./viewer"

export class Gallery {
  readonly element: HTMLElement
  private readonly hint = h("p", { class: "quiet" })
  private readonly tiles = h("ul", { class: "photos" })
  private photos: readonly Photo[] = []
  private needed = 0
  /** One question for all whose addresses have run out together. */
  private asking: Promise<Photos> | null = null

  /** fetch: the photos again, with new addresses. */
  constructor(private readonly fetch: () => Promise<Photos>) {
    this.element = section("trip.photos", this.hint, this.tiles)
    this.element.classList.add("photos-part")
  }

  /** Photos that are shown already stay as they are. */
  show({ needed, photos }: Photos): void {
    const same = photos.map(({ photo }) => photo).join() === this.photos.map(({ photo }) => photo).join()
    this.photos = photos
    this.needed = needed
    this.speak()
    if (same) return
    this.tiles.replaceChildren(...photos.map((photo, i) => h("li", {}, this.tile(photo, i))))
  }

  /** After a change of language. */
  speak(): void {
    const { photos, needed } = this
    this.element.hidden = photos.length === 0 && needed === 0
    const values = { there: photos.length, needed }
    this.hint.textContent = t(photos.length > needed ? "trip.photos.more" : "trip.photos.needed", values)
    this.hint.classList.toggle("alarm", photos.length < needed)
  }

  private tile(photo: Photo, index: number): HTMLElement {
    const picture = new Picture(photo, (id) => this.renew(id))
    const open = h("button", { type: "button", class: "photo", "data-kept": photo.photo }, picture.element)
    name(open, "trip.photo.open", { n: index + 1 })
    open.addEventListener("click", () => new Viewer(this.photos, index, (id) => this.renew(id)).open())
    return h("figure", {}, open, say(h("figcaption"), "trip.photo.about", about(photo)))
  }

  private async renew(id: string): Promise<Photo | null> {
    this.asking ??= this.fetch().finally(() => {
      this.asking = null
    })
    const { photos } = await this.asking
    this.photos = photos
    return photos.find(({ photo }) => photo === id) ?? null
  }
}
