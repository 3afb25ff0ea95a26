/** From Mercator's unit square to the screen. The map is flat and points north, so two factors do. */

export class Projection {
  /** CSS pixels in one unit. */
  scale = 1
  width = 0
  height = 0
  zoom = 0
  private centreX = 0.5
  private centreY = 0.5

  set(centreX: number, centreY: number, zoom: number, width: number, height: number): void {
    this.centreX = centreX
    this.centreY = centreY
    this.zoom = zoom
    this.scale = 512 * 2 ** zoom
    this.width = width
    this.height = height
  }

  /** The nearest copy of the world is meant. */
  x(x: number): number {
    const away = x - this.centreX
    return (away - Math.round(away)) * this.scale + this.width / 2
  }

  y(y: number): number {
    return (y - this.centreY) * this.scale + this.height / 2
  }

  /** Back from CSS pixels. */
  unitX(px: number): number {
    return (px - this.width / 2) / this.scale + this.centreX
  }

  unitY(px: number): number {
    return (px - this.height / 2) / this.scale + this.centreY
  }

  inside(x: number, y: number, margin: number): boolean {
    return x > -margin && y > -margin && x < this.width + margin && y < this.height + margin
  }
}
