/** Places on the screen that a text has taken, so that no other is written over it. */

export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export class Boxes {
  private readonly taken: Box[] = []

  /** Takes the place; false when another text has a part of it. */
  take(box: Box): boolean {
    const covers = (other: Box) =>
      box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top
    if (this.taken.some(covers)) return false
    this.taken.push(box)
    return true
  }

  /** Takes it whatever is there. */
  force(box: Box): void {
    this.taken.push(box)
  }
}
