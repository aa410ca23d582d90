import { setTimeout as delay } from "node:timers/promises"
import { Histogram } from "./Histogram.ts"
import type { RunOrder, RunResult } from "./Load.ts"
import { cpuSecondsOf, rssBytesOf } from "./ProcessUsage.ts"

/** Counts of one run; only what happens between the end of the warm-up and the end of the run is kept. */
export class Meter {
  requests = 0
  records = 0
  bytes = 0
  readonly latency = new Histogram()
  /** True once the run is over: nothing more is to be sent. */
  isOver = false
  private readonly order: RunOrder
  private fail: (error: Error) => void = () => undefined
  private readonly failed = new Promise<never>((_, reject) => {
    this.fail = reject
  })
  private startedAt = 0
  private brokerCpu = 0
  private generatorCpu = 0

  constructor(order: RunOrder) {
    this.order = order
    // The rejection is seen by whoever waits for the run.
    this.failed.catch(() => undefined)
  }

  /** Ends the run with this error. */
  readonly onError = (error: Error): void => {
    if (!this.isOver) this.fail(error)
  }

  add(requests: number, records: number, bytes: number): void {
    this.requests += requests
    this.records += records
    this.bytes += bytes
  }

  /** Waits for something else but fails with the run. */
  async during<A>(work: Promise<A>): Promise<A> {
    return await Promise.race([work, this.failed])
  }

  begin(): void {
    this.requests = 0
    this.records = 0
    this.bytes = 0
    this.latency.clear()
    this.brokerCpu = cpuSecondsOf(this.order.pid)
    this.generatorCpu = process.cpuUsage().user + process.cpuUsage().system
    this.startedAt = performance.now()
  }

  end(): RunResult {
    const seconds = (performance.now() - this.startedAt) / 1000
    this.isOver = true
    const latencyMs = this.latency.percentiles
    return {
      seconds,
      requests: this.requests,
      records: this.records,
      bytes: this.bytes,
      ...(latencyMs === undefined ? {} : { latencyMs }),
      brokerCpuSeconds: cpuSecondsOf(this.order.pid) - this.brokerCpu,
      generatorCpuSeconds: (process.cpuUsage().user + process.cpuUsage().system - this.generatorCpu) / 1e6,
      rssBytes: rssBytesOf(this.order.pid)
    }
  }

  /** Lets the load that is already under way run for warm-up and measured time. */
  async timed(): Promise<RunResult> {
    await this.during(delay(this.order.warmUpMs))
    this.begin()
    await this.during(delay(this.order.measureMs))
    return this.end()
  }
}
