/** Payouts: what is to be paid, the button that pays it, and what was paid, with its file. */
import { href, Onward } from "../core/address"
import type { Happening } from "../core/alerts"
import { ask } from "../desk/ask"
import { facts, head, section, table } from "../desk/parts"
import { Sheet } from "../desk/sheet"
import { Shelf } from "../desk/shelf"
import { moment, money, number, t } from "../i18n"
import type { Office, Page } from "../page"
import { h, say } from "../ui/dom"
import { csv, type Head, overview, type Payout, pay, payout, type Unpaid } from "./payouts"

/** What changes the sums that are to be paid. */
const TELLING = new Set(["trip.approved", "trip.rejected", "trip.paid"])
/** The thing that is no payout yet. */
const DUE = "due"
const SOON_MS = 1_000
const FILE_LASTS_MS = 60_000

export class Payouts implements Page {
  readonly parts: readonly HTMLElement[]
  private readonly sheet = new Sheet(href("payouts"))
  private readonly shelf: Shelf<Head>
  private unpaid: readonly Unpaid[] = []
  private thing = DUE
  private inFront = false
  private soon: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly office: Office) {
    this.shelf = new Shelf<Head>({
      page: "payouts",
      title: "payouts.title",
      filters: [],
      empty: { title: "payouts.none.title", next: "payouts.none.next" },
      fetch: async (_, after, signal) => {
        const found = await overview(office.desk, after, signal)
        this.unpaid = found.unpaid
        if (this.thing === DUE) this.showUnpaid()
        return found
      },
      id: (item) => item.payout,
      row: (item) => [
        h("b", {}, moment(item.made_at)),
        h("span", { class: "quiet" }, t("payouts.row", { trips: number(item.trips), by: item.by })),
      ],
    })
    const due = say(h("a", { class: "small", href: href("payouts", DUE) }), "payouts.due")
    this.shelf.tools.append(due)
    this.parts = [this.shelf.element, this.sheet.element]
  }

  enter(thing: string | null): void {
    this.inFront = true
    this.thing = thing ?? DUE
    this.shelf.select(thing)
    this.sheet.hush()
    if (this.thing !== DUE) void this.open(this.thing)
    void this.shelf.reload()
  }

  leave(): void {
    this.inFront = false
  }

  happened(events: readonly Happening[]): void {
    if (!this.inFront || !events.some(({ type }) => TELLING.has(type))) return
    clearTimeout(this.soon)
    this.soon = setTimeout(() => void this.shelf.reload(), SOON_MS)
  }

  speak(): void {
    this.shelf.again()
    if (!this.inFront) return
    if (this.thing === DUE) this.showUnpaid()
    else void this.open(this.thing)
  }

  end(): void {
    this.shelf.end()
    clearTimeout(this.soon)
  }

  private showUnpaid(): void {
    const { unpaid, sheet } = this
    if (unpaid.length === 0) {
      sheet.put(h("div", { class: "empty" }, say(h("h2"), "payouts.paid"), say(h("p"), "payouts.paid.next")))
      return
    }
    const rows = unpaid.map((sum) => [
      sum.courier,
      number(sum.trips),
      sum.changed > 0 ? t("payouts.changed.some", { n: sum.changed }) : "",
      money(sum.amount, sum.currency),
    ])
    const paying = sheet.act("payouts.pay", "primary", () => this.pay())
    sheet.put(
      head(t("payouts.due"), [t("payouts.due.under")], this.office.desk.admin ? [paying] : []),
      section(
        "payouts.sums",
        table(["payouts.courier", "payouts.trips", "payouts.changed", "payouts.amount"], rows, [
          "payouts.trips",
          "payouts.amount",
        ]),
      ),
    )
  }

  private async pay(): Promise<void> {
    const onward = new Onward()
    const trips = this.unpaid.reduce((sum, { trips }) => sum + trips, 0)
    const said = await ask({
      title: "payouts.pay",
      text: "payouts.pay.sure",
      values: { trips: number(trips) },
      yes: "payouts.pay",
    })
    if (said === null) return
    const made = await pay(this.office.desk)
    if (onward.open) onward.go(href("payouts", made.payout))
    else if (this.inFront) void this.shelf.reload()
  }

  private open(id: string): Promise<void> {
    return this.sheet.open(
      (signal) => payout(this.office.desk, id, signal),
      (found) => this.show(found),
    )
  }

  private show(found: Payout): void {
    const { sheet } = this
    const saving = sheet.act("payouts.csv", "small", async () =>
      save(await csv(this.office.desk, found.payout), found),
    )
    sheet.put(
      head(moment(found.made_at), [found.payout], [saving]),
      facts([
        ["payouts.by", found.by],
        ["payouts.trips", number(found.trips)],
      ]),
      section(
        "payouts.sums",
        table(
          ["payouts.courier", "payouts.trips", "payouts.amount"],
          found.sums.map((sum) => [sum.courier, number(sum.trips), money(sum.amount, sum.currency)]),
          ["payouts.trips", "payouts.amount"],
        ),
      ),
      section(
        "payouts.lines",
        table(
          ["payouts.task", "payouts.courier", "payouts.finished", "payouts.amount"],
          found.lines.map((line) => [
            h("a", { href: href("trips", line.trip) }, line.title),
            line.courier,
            moment(line.finished_at),
            money(line.amount, line.currency),
          ]),
          ["payouts.amount"],
        ),
      ),
    )
  }
}

function save(file: Blob, { payout }: Head): void {
  const url = URL.createObjectURL(file)
  h("a", { href: url, download: `${payout}.csv` }).click()
  setTimeout(() => URL.revokeObjectURL(url), FILE_LASTS_MS)
}
