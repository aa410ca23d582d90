import type { RequestObserver } from "@kafka-broker/core"
import type { ApiName, apis, RequestOf } from "@kafka-broker/core/protocol"
import { Deferred, Effect } from "effect"

/** A request that reached the broker. Its type follows from its API: `if (request.api === "Produce") request.body.topicData`. */
export type ObservedRequest = {
  readonly [Name in ApiName]: {
    readonly api: Name
    readonly apiVersion: number
    readonly clientId: string
    readonly correlationId: number
    /** As the broker read it, the same fields in every version; bytes are copies. */
    readonly body: RequestOf<(typeof apis)[Name]>
  }
}[ApiName]

/** Requests kept; the oldest go first. */
const requestsMax = 10_000

/** A value that shares no memory with the connection. */
const copied = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return value.slice()
  if (Array.isArray(value)) return value.map(copied)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, copied(field)]))
}

/** Client ids of the test broker's own connections, which tests do not want to see. */
export const isOwn = (clientId: string): boolean => clientId.startsWith("kafka-broker-in-process")

/** Requests that change what a test may wait for: records, offsets, members. */
const changing: ReadonlySet<string> = new Set<ApiName>([
  "Produce",
  "OffsetCommit",
  "JoinGroup",
  "SyncGroup",
  "LeaveGroup",
  "ConsumerGroupHeartbeat",
  "Heartbeat",
  "DeleteRecords",
  "CreateTopics"
])

/** What a broker was asked, and who waits for something to change. */
export class RequestLog {
  private seen: Array<ObservedRequest> = []
  private waiting: Array<Deferred.Deferred<void>> = []

  observe(request: Parameters<RequestObserver>[0]): void {
    if (isOwn(request.clientId)) return
    if (this.seen.length >= requestsMax) this.seen.shift()
    this.seen.push({ ...request, body: copied(request.body) } as ObservedRequest)
  }

  /** A request was carried out, whether or not it is answered. */
  carriedOut(api: string): void {
    if (!changing.has(api) || this.waiting.length === 0) return
    const waiting = this.waiting
    this.waiting = []
    for (const one of waiting) Deferred.doneUnsafe(one, Effect.void)
  }

  get requests(): ReadonlyArray<ObservedRequest> {
    return this.seen.slice()
  }

  clear(): void {
    this.seen = []
  }

  /** Asks again after each request that may have changed something, until the value is what is waited for. */
  until<A, E>(ask: Effect.Effect<A, E>, isReached: (value: A) => boolean): Effect.Effect<A, E> {
    return Effect.gen({ self: this }, function*() {
      while (true) {
        const changed = yield* Deferred.make<void>()
        this.waiting.push(changed)
        const value = yield* ask
        if (isReached(value)) return value
        yield* Deferred.await(changed)
      }
    })
  }
}
