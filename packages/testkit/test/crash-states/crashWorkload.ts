import { type BrokerClient, KafkaBroker, type KafkaError } from "@kafka-broker/core"
import { buildBatch, ErrorCode, Uuid } from "@kafka-broker/core/protocol"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { DeleteRecords } from "../../../core/src/protocol/apis/DeleteRecords.ts"
import { CreatePartitions } from "../../../core/src/protocol/apis/CreatePartitions.ts"
import { InitProducerId } from "../../../core/src/protocol/apis/InitProducerId.ts"
import { ListOffsets } from "../../../core/src/protocol/apis/ListOffsets.ts"
import { Produce } from "../../../core/src/protocol/apis/Produce.ts"
import type { Expectation, ExpectedLog, ExpectedTopic, SentBatch } from "./Expectation.ts"

/** The newest version that names topics instead of ids. */
const produceVersion = 12

export const COMMITTED_GROUP = "readers"
export const COMMITTED_TOPIC = "orders"

/** A log while the workload runs. */
interface LiveLog {
  readonly partition: number
  readonly sent: Array<SentBatch>
  end: number
  durableEnd: number
  starts: ReadonlyArray<number>
}

const newLog = (partition: number): LiveLog => ({ partition, sent: [], end: 0, durableEnd: 0, starts: [0] })

const frozen = ({ durableEnd, partition, sent, starts }: LiveLog): ExpectedLog => ({
  partition,
  sent: sent.slice(),
  durableEnd,
  starts
})

/** What the client knows while the workload runs; each change of it is a new {@link Expectation}. */
export class Ledger {
  private readonly onChange: (expectation: Expectation) => void
  private operation = ""
  /** Newest life last; the flag tells that a deletion or creation is under way. */
  private readonly topics = new Map<string, { lives: Array<Array<LiveLog> | undefined> }>()
  private committed: Array<ReadonlyArray<number | undefined>> = []
  private producerIdsFrom = 0

  constructor(onChange: (expectation: Expectation) => void) {
    this.onChange = onChange
    this.changed()
  }

  begin(operation: string): void {
    this.operation = operation
    this.changed()
  }

  creating(name: string, partitions: number): void {
    this.topics.set(name, { lives: [undefined, Array.from({ length: partitions }, (_, index) => newLog(index))] })
    this.changed()
  }

  growing(name: string, partitions: number): void {
    const logs = this.logs(name)
    const more = Array.from({ length: partitions - logs.length }, (_, index) => newLog(logs.length + index))
    this.topics.set(name, { lives: [logs, [...logs, ...more]] })
    this.changed()
  }

  deleting(name: string): void {
    this.topics.get(name)!.lives.push(undefined)
    this.changed()
  }

  /** What was begun with the topic is done. */
  settled(name: string): void {
    const topic = this.topics.get(name)!
    topic.lives = [topic.lives.at(-1)]
    this.changed()
  }

  log(name: string, partition: number): LiveLog {
    return this.logs(name)[partition]!
  }

  changeLog(log: LiveLog, change: Partial<LiveLog>): void {
    Object.assign(log, change)
    this.changed()
  }

  commit(partition: number, offsets: ReadonlyArray<number | undefined>): void {
    while (this.committed.length <= partition) this.committed.push([undefined])
    this.committed = this.committed.with(partition, offsets)
    this.changed()
  }

  committedIn(partition: number): number | undefined {
    return this.committed[partition]?.[0]
  }

  gaveProducerId(id: number): void {
    this.producerIdsFrom = Math.max(this.producerIdsFrom, id + 1)
    this.changed()
  }

  private logs(name: string): Array<LiveLog> {
    return this.topics.get(name)!.lives.findLast((life) => life !== undefined)!
  }

  private changed(): void {
    const topics = Array.from(this.topics, ([name, { lives }]): ExpectedTopic => ({
      name,
      lives: lives.map((logs) => logs?.map(frozen))
    }))
    this.onChange({
      operation: this.operation,
      topics,
      committed: this.committed.slice(),
      producerIdsFrom: this.producerIdsFrom
    })
  }
}

interface Sending {
  readonly topic: string
  readonly partition: number
  readonly acks: 0 | 1 | -1
  readonly records?: number
  readonly valueBytes?: number
  readonly producer?: { readonly id: number; readonly baseSequence: number }
}

const fail = (what: string) => Effect.die(new Error(`the workload failed: ${what}`))

/** A client that runs one operation after the other, and notes in the ledger what it knows. */
class Client {
  private readonly broker: BrokerClient
  private readonly ledger: Ledger
  private sentRecords = 0

  constructor(broker: BrokerClient, ledger: Ledger) {
    this.broker = broker
    this.ledger = ledger
  }

  create = (name: string, partitions: number) =>
    Effect.gen({ self: this }, function*() {
      this.ledger.creating(name, partitions)
      // Segments of a few batches, with an index entry for each.
      const configs = { "internal.segment.bytes": "1500", "index.interval.bytes": "100" }
      yield* this.broker.createTopics([{ name, partitions, configs }])
      this.ledger.settled(name)
    })

  grow = (name: string, count: number) =>
    Effect.gen({ self: this }, function*() {
      this.ledger.growing(name, count)
      const { results } = yield* this.broker.request(CreatePartitions, {
        topics: [{ name, count, assignments: null }],
        timeoutMs: 1000,
        validateOnly: false
      })
      if (results[0]?.errorCode !== ErrorCode.NONE) return yield* fail(`partitions of ${name}`)
      this.ledger.settled(name)
    })

  delete = (name: string) =>
    Effect.gen({ self: this }, function*() {
      this.ledger.deleting(name)
      yield* this.broker.deleteTopics([name])
      this.ledger.settled(name)
    })

  send = (...all: ReadonlyArray<Sending>) =>
    Effect.gen({ self: this }, function*() {
      const batches = all.map((sending) => this.batchOf(sending))
      const { acks } = all[0]!
      const request = this.broker.request(Produce, {
        transactionalId: null,
        acks,
        timeoutMs: 1000,
        topicData: all.map(({ partition, topic }, index) => ({
          name: topic,
          topicId: Uuid.zero,
          partitionData: [{ index: partition, records: batches[index]! }]
        }))
      }, produceVersion)
      if (acks === 0) {
        yield* Effect.forkScoped(request, { startImmediately: true })
        // Anything but a Produce waits until all before it is done.
        yield* this.ends(all[0]!.topic, all[0]!.partition)
        return
      }
      const { responses } = yield* request
      for (const { partitionResponses } of responses) {
        for (const { errorCode, index } of partitionResponses) {
          if (errorCode !== ErrorCode.NONE) return yield* fail(`append to partition ${index}: ${errorCode}`)
        }
      }
      if (acks === -1) {
        for (const { partition, topic } of all) {
          const log = this.ledger.log(topic, partition)
          this.ledger.changeLog(log, { durableEnd: log.end })
        }
      }
    })

  /** Sends the newest batch of a producer again, as after a lost answer: nothing is appended. */
  sendAgain = (topic: string, partition: number) =>
    Effect.gen({ self: this }, function*() {
      const log = this.ledger.log(topic, partition)
      const last = log.sent.findLast((sent) => sent.producer !== undefined)!
      const { responses } = yield* this.broker.request(Produce, {
        transactionalId: null,
        acks: -1,
        timeoutMs: 1000,
        topicData: [{
          name: topic,
          topicId: Uuid.zero,
          partitionData: [{ index: partition, records: encodeSent(last) }]
        }]
      }, produceVersion)
      const answer = responses[0]!.partitionResponses[0]!
      if (answer.baseOffset !== last.baseOffset) return yield* fail(`a repeated batch got offset ${answer.baseOffset}`)
      this.ledger.changeLog(log, { durableEnd: log.end })
    })

  commit = (partition: number, offset: number) =>
    Effect.gen({ self: this }, function*() {
      this.ledger.commit(partition, [this.ledger.committedIn(partition), offset])
      yield* this.broker.commitOffsets(COMMITTED_GROUP, [{ topic: COMMITTED_TOPIC, partition, offset }])
      this.ledger.commit(partition, [offset])
    })

  deleteRecords = (name: string, partitionIndex: number, offset: number) =>
    Effect.gen({ self: this }, function*() {
      const log = this.ledger.log(name, partitionIndex)
      this.ledger.changeLog(log, { starts: [...log.starts, offset] })
      const { topics } = yield* this.broker.request(DeleteRecords, {
        topics: [{ name, partitions: [{ partitionIndex, offset }] }],
        timeoutMs: 1000
      })
      if (topics[0]?.partitions[0]?.errorCode !== ErrorCode.NONE) return yield* fail(`delete records of ${name}`)
      this.ledger.changeLog(log, { starts: [offset] })
    })

  producerId = Effect.suspend(() =>
    Effect.map(
      this.broker.request(InitProducerId, { transactionalId: null, transactionTimeoutMs: 1000 }),
      ({ producerId }) => {
        this.ledger.gaveProducerId(producerId)
        return producerId
      }
    )
  )

  private ends(name: string, partitionIndex: number) {
    return this.broker.request(ListOffsets, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ name, partitions: [{ partitionIndex, currentLeaderEpoch: -1, timestamp: -1 }] }],
      timeoutMs: 1000
    })
  }

  private batchOf({ partition, producer, records = 1, topic, valueBytes = 60 }: Sending): Uint8Array {
    const log = this.ledger.log(topic, partition)
    const values = Array.from(
      { length: records },
      () => `${topic}-${partition} ${++this.sentRecords} `.padEnd(valueBytes, ".")
    )
    const sent: SentBatch = { baseOffset: log.end, values, producer }
    log.sent.push(sent)
    this.ledger.changeLog(log, { end: log.end + records })
    return encodeSent(sent)
  }
}

/** The bytes of a batch as a producer sends them. */
export const encodeSent = ({ producer, values }: Pick<SentBatch, "producer" | "values">): Uint8Array =>
  buildBatch(
    values.map((value) => ({ key: null, value: new TextEncoder().encode(value), timestamp: 1000 })),
    producer === undefined
      ? {}
      : { producerId: producer.id, producerEpoch: 0, baseSequence: producer.baseSequence }
  )

/** Some forty operations of one client on a running broker. */
export const crashWorkload = (ledger: Ledger) =>
  Effect.scoped(Effect.gen(function*() {
    const client = new Client((yield* KafkaBroker).client, ledger)
    const run = <A, R>(what: string, operation: Effect.Effect<A, KafkaError, R>) =>
      Effect.suspend(() => {
        ledger.begin(what)
        return operation
      })
    const to = (topic: string, partition: number, acks: 0 | 1 | -1, more: Partial<Sending> = {}): Sending => ({
      topic,
      partition,
      acks,
      ...more
    })
    let sequence = 0
    const next = (id: number, records = 1) => {
      const producer = { id, baseSequence: sequence }
      sequence += records
      return producer
    }

    yield* run("create orders", client.create("orders", 2))
    yield* run("create events", client.create("events", 1))
    yield* run("acks=all", client.send(to("orders", 0, -1)))
    yield* run("acks=1", client.send(to("orders", 0, 1, { records: 2 })))
    yield* run("acks=0", client.send(to("orders", 1, 0)))
    const id = yield* run("producer id", client.producerId)
    yield* run("idempotent acks=all", client.send(to("orders", 1, -1, { producer: next(id) })))
    yield* run("idempotent of several", client.send(to("orders", 1, 1, { producer: next(id, 3), records: 3 })))
    yield* run("commit orders-0", client.commit(0, 2))
    yield* run(
      "both partitions",
      client.send(to("orders", 0, -1, { valueBytes: 700 }), to("orders", 1, -1, { producer: next(id) }))
    )
    yield* run("acks=1 that rolls", client.send(to("orders", 0, 1, { valueBytes: 900 })))
    yield* run("acks=1 after it", client.send(to("orders", 0, 1, { valueBytes: 300 })))
    yield* run("acks=0 after it", client.send(to("orders", 0, 0, { valueBytes: 100 })))
    yield* run("a second", TestClock.adjust(1_000))
    yield* run("events acks=1", client.send(to("events", 0, 1, { records: 4 })))
    yield* run("commit orders-1", client.commit(1, 3))
    yield* run("create passing", client.create("passing", 1))
    yield* run("passing acks=1", client.send(to("passing", 0, 1)))
    yield* run(
      "acks=all that rolls",
      client.send(to("orders", 1, -1, { producer: next(id, 2), records: 2, valueBytes: 600 }))
    )
    yield* run("idempotent acks=0", client.send(to("orders", 1, 0, { producer: next(id), valueBytes: 200 })))
    yield* run("repeated", client.sendAgain("orders", 1))
    yield* run("delete records", client.deleteRecords("orders", 0, 4))
    yield* run("delete passing", client.delete("passing"))
    yield* run("create passing again", client.create("passing", 1))
    yield* run("passing acks=all", client.send(to("passing", 0, -1)))
    yield* run("commit orders-0 again", client.commit(0, 5))
    yield* run("a minute", TestClock.adjust(60_000))
    yield* run("events acks=all", client.send(to("events", 0, -1, { valueBytes: 1200 })))
    yield* run("events that rolls", client.send(to("events", 0, 1, { valueBytes: 1200 })))
    yield* run("events that rolls again", client.send(to("events", 0, 1, { valueBytes: 1200 })))
    yield* run("more partitions of events", client.grow("events", 2))
    yield* run("to the new one", client.send(to("events", 1, 1)))
    yield* run("second producer id", client.producerId)
    yield* run("acks=1 unsynced", client.send(to("orders", 0, 1), to("orders", 1, 1, { producer: next(id) })))
    yield* run("acks=1 unsynced again", client.send(to("orders", 0, 1, { valueBytes: 500 })))
    yield* run("delete records to the end", client.deleteRecords("events", 0, 5))
    yield* run("delete events", client.delete("events"))
    yield* run("commit orders-1 again", client.commit(1, 6))
    yield* run("last acks=all", client.send(to("orders", 1, -1, { producer: next(id) })))
    yield* run("last acks=1", client.send(to("orders", 0, 1), to("passing", 0, 1)))
    ledger.begin("clean stop")
  }))
