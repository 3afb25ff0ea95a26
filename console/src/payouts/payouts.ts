/** What is approved and unpaid, and the payouts, as the tasks stack tells them. */
import { type Desk, type Paged, path, query } from "../core/desk"

export interface Sum {
  readonly courier: string
  readonly currency: string
  readonly amount: string
  readonly trips: number
}

export interface Unpaid extends Sum {
  /** Of how many trips a newer record came after the approval. */
  readonly changed: number
}

export interface Head {
  readonly payout: string
  /** Unix seconds. */
  readonly made_at: number
  readonly by: string
  /** False while it is being made. */
  readonly complete: boolean
  readonly trips: number
}

export interface Paid {
  readonly trip: string
  readonly title: string
  readonly courier: string
  readonly amount: string
  readonly currency: string
  readonly finished_at: number
}

export interface Payout extends Head {
  readonly sums: readonly Sum[]
  readonly lines: readonly Paid[]
}

interface Overview {
  readonly unpaid: readonly Unpaid[]
  readonly payouts: readonly Head[]
  readonly next: string | null
}

const PAGE = 50

/** Payouts, newest first, and what is unpaid by now. */
export async function overview(
  desk: Desk,
  after: string | null,
  signal: AbortSignal,
): Promise<Paged<Head> & { readonly unpaid: readonly Unpaid[] }> {
  const said = await desk.get<Overview>(`${path("payouts")}${query({ after, limit: PAGE })}`, signal)
  return { items: said.payouts, next: said.next, unpaid: said.unpaid }
}

export const payout = (desk: Desk, id: string, signal: AbortSignal): Promise<Payout> =>
  desk.get(path("payouts", id), signal)

/** As the file that a payroll program reads. */
export const csv = (desk: Desk, id: string): Promise<Blob> => desk.file(path("payouts", `${id}.csv`))

export const pay = (desk: Desk): Promise<Payout> => desk.post(path("payouts"))
