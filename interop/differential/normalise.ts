import { RecordBatch } from "@kafka-broker/core/protocol"
import type { Address, Step } from "./Probe.ts"
import { orderRules } from "./rules.ts"

export interface NormaliseContext {
  readonly address: Address
  readonly topicIds: ReadonlyMap<string, string>
}

const zeroUuid = "AAAAAAAAAAAAAAAAAAAAAA"
/** Wide enough for "one hour ago", which messages name as the bound of a timestamp. */
const closeToNowMs = 7_200_000

/** Bytes that are no record batches. */
const opaqueFields: ReadonlySet<string> = new Set(["metadata", "assignment", "memberMetadata", "memberAssignment"])

const isNow = (value: unknown): boolean => typeof value === "number" && Math.abs(value - Date.now()) < closeToNowMs

/** Numbers values by the order in which they appear, so that equal ones stay equal. */
class Symbols {
  private readonly known = new Map<unknown, string>()
  of(kind: string, value: unknown): string {
    const key = `${kind} ${String(value)}`
    let symbol = this.known.get(key)
    if (symbol === undefined) {
      const count = [...this.known.keys()].filter((other) => String(other).startsWith(`${kind} `)).length
      symbol = `<${kind} ${count + 1}>`
      this.known.set(key, symbol)
    }
    return symbol
  }
}

const batchesOf = (bytes: Uint8Array): unknown => {
  const batches: Array<unknown> = []
  let at = 0
  for (;;) {
    const size = RecordBatch.nextBatchSize(bytes, at, bytes.length)
    if (size < RecordBatch.RECORD_BATCH_OVERHEAD) break
    batches.push({
      baseOffset: RecordBatch.baseOffset(bytes, at),
      leaderEpoch: RecordBatch.partitionLeaderEpoch(bytes, at),
      attributes: RecordBatch.attributes(bytes, at),
      lastOffsetDelta: RecordBatch.lastOffsetDelta(bytes, at),
      baseTimestamp: RecordBatch.baseTimestamp(bytes, at),
      maxTimestamp: RecordBatch.maxTimestamp(bytes, at),
      producerId: RecordBatch.producerId(bytes, at),
      producerEpoch: RecordBatch.producerEpoch(bytes, at),
      baseSequence: RecordBatch.baseSequence(bytes, at),
      recordCount: RecordBatch.recordCount(bytes, at),
      isCrcValid: RecordBatch.isCrcValid(bytes, at),
      payload: Buffer.from(RecordBatch.payload(bytes, at)).toString("hex")
    })
    at += size
  }
  return at === bytes.length ? batches : [...batches, `${bytes.length - at} bytes of an incomplete batch`]
}

const compareBy = (keys: ReadonlyArray<string>) => (a: unknown, b: unknown): number => {
  const text = (value: unknown) =>
    keys.map((key) => String((value as Record<string, unknown>)[key]).padStart(12)).join()
  return text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0
}

/** Replaces what two brokers must differ in (ids, addresses, the time) by names, and sorts what has no order. */
export const normalise = (steps: ReadonlyArray<Step>, context: NormaliseContext): unknown => {
  const symbols = new Symbols()

  const text = (value: string): string => {
    let out = value
    for (const [id, name] of context.topicIds) out = out.replaceAll(id, `<id of ${name}>`)
    // A lower bound of "now minus the largest long" is how Kafka says that there is none.
    return out.replace(/-922337\d{13}/g, "<now - 2^63>")
      .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, (uuid) => symbols.of("uuid", uuid))
      .replace(/\b\d{13}\b/g, (digits) => isNow(Number(digits)) ? "<now>" : digits)
  }

  const field = (key: string, value: unknown): unknown => {
    if (key === "topicId" && typeof value === "string") {
      if (value === zeroUuid) return "<no id>"
      return context.topicIds.has(value) ? `<id of ${context.topicIds.get(value)}>` : symbols.of("id", value)
    }
    // Version 0 of ConsumerGroupHeartbeat lets the broker name the member.
    if (key === "memberId" && typeof value === "string" && /^[\w-]{22}$/.test(value)) return symbols.of("uuid", value)
    if (key === "clusterId" && typeof value === "string" && value.length === 22) return "<cluster id>"
    if (key === "host" && value === context.address.host) return "<host>"
    if (key === "port" && value === context.address.port) return "<port>"
    if (key === "sessionId" && value !== 0) return symbols.of("session", value)
    if (key === "producerId" && typeof value === "number" && value >= 0) return symbols.of("producer", value)
    if (/time/i.test(key) && isNow(value)) return "<now>"
    if (key === "logDir") return "<folder>"
    if ((key === "totalBytes" || key === "usableBytes") && typeof value === "number" && value > 0) return "<bytes>"
    if (key === "documentation" && typeof value === "string") return "<text>"
    return undefined
  }

  const walk = (api: string, key: string, value: unknown): unknown => {
    const replaced = field(key, value)
    if (replaced !== undefined) return replaced
    if (value instanceof Uint8Array && opaqueFields.has(key)) return Buffer.from(value).toString("hex")
    if (value instanceof Uint8Array) return walk(api, key, batchesOf(value))
    if (typeof value === "string") return text(value)
    if (Array.isArray(value)) {
      const rule = orderRules.find((candidate) => candidate.api === api && candidate.field === key)
      const items = value.map((item) => walk(api, key, item))
      if (items.every((item) => typeof item === "number")) return items.sort((a, b) => a - b)
      if (rule?.by.length === 0) return items.map(String).sort()
      return rule === undefined ? items : items.sort(compareBy(rule.by))
    }
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, walk(api, name, inner)]))
    }
    return value
  }

  return steps.map((step) => ({ label: step.label, answer: walk(step.api, "", step.answer) }))
}
