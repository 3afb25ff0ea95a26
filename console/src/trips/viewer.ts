/** A photo as large as the window, and the ones before and after it. */
import { t } from "../i18n"
import { button, h, name, write } from "../ui/dom"
import { icon } from "../ui/icons"
import { about, Picture, type Renew } from "./picture"
import type { Photo } from "./trips"

export class Viewer {
  private readonly dialog = h("dialog", { class: "viewer" })
  private readonly stage = h("div", { class: "stage" })
  private readonly told = h("p", { "aria-live": "polite" })

  constructor(
    private readonly photos: readonly Photo[],
    private index: number,
    private readonly renew: Renew,
  ) {
    const many = photos.length > 1
    this.dialog.append(
      h(
        "header",
        {},
        this.told,
        button("trip.photo.file", "small", () => void this.file()),
        many && button("trip.photo.before", "ghost", () => this.go(-1), icon("back")),
        many && button("trip.photo.after", "ghost", () => this.go(1), icon("on")),
        button("trip.photo.close", "ghost", () => this.dialog.close(), icon("close")),
      ),
      this.stage,
    )
    this.dialog.addEventListener("keydown", ({ key }) => {
      if (key === "ArrowLeft") this.go(-1)
      if (key === "ArrowRight") this.go(1)
    })
    this.dialog.addEventListener("click", ({ target }) => {
      if (target === this.stage) this.dialog.close()
    })
    this.dialog.addEventListener("close", () => this.dialog.remove())
    name(this.dialog, "trip.photos")
  }

  open(): void {
    document.body.append(this.dialog)
    this.show()
    this.dialog.showModal()
  }

  private go(steps: number): void {
    this.index = (this.index + steps + this.photos.length) % this.photos.length
    this.show()
  }

  private show(): void {
    const photo = this.photos[this.index]!
    this.stage.replaceChildren(new Picture(photo, this.renew).element)
    write(this.told, t("trip.photo.of", { n: this.index + 1, of: this.photos.length, ...about(photo) }))
  }

  /** By an address that surely holds. */
  private async file(): Promise<void> {
    const found = await this.renew(this.photos[this.index]!.photo).catch(() => null)
    if (found) window.open(found.url, "_blank", "noopener")
  }
}
