/** Tasks by trip, fetched when somebody looks at one. */
import { call } from "./api"

export interface Task {
  readonly task: string
  readonly title: string
  readonly route: string
  readonly bonus: { readonly amount: string; readonly currency: string }
  /** Unix seconds. */
  readonly deadline: number
  readonly status: "open" | "claimed" | "started" | "finished"
  readonly courier: string | null
  readonly trip: string | null
}

const AGAIN_MS = 30_000

export class Tasks {
  private readonly trips = new Map<string, Task>()
  private asked = Number.NEGATIVE_INFINITY

  constructor(
    private readonly base: string,
    private readonly token: string,
    private readonly arrived: () => void,
  ) {}

  /** The task of a trip if it is known; else the tasks are fetched, at most twice a minute. */
  of(trip: string): Task | null {
    const task = this.trips.get(trip)
    if (!task && Date.now() - this.asked > AGAIN_MS) void this.fetch()
    return task ?? null
  }

  private async fetch(): Promise<void> {
    this.asked = Date.now()
    try {
      const said = (await call(`${this.base}/v1/tasks`, { token: this.token })) as { tasks: Task[] }
      for (const task of said.tasks) if (task.trip) this.trips.set(task.trip, task)
      this.arrived()
    } catch {
      // The card shows the trip without its task; looking again asks again.
    }
  }
}
