import { apis, ErrorCode, type RequestInputOf, type ResponseOf, Uuid } from "@kafka-broker/core/protocol"
import { Effect } from "effect"
import type { SimRandom } from "../../../src/simulation/SimRandom.ts"
import type { Moment } from "../History.ts"
import { attempt, codeName, isRetriable, type Setting, untilAnswered } from "../Setting.ts"
import { readRecords } from "./requests.ts"
import type { WireClient } from "./WireClient.ts"

/** Where a reader is in a partition. */
export interface Position {
  readonly topic: string
  readonly partition: number
  offset: number
}

type FetchedPartition = ResponseOf<typeof apis.Fetch>["responses"][number]["partitions"][number]

/** The newest version that names topics. */
const FETCH_VERSION_MAX = 12
const FETCH_VERSION_MIN = 4
/** First version with sessions. */
const SESSION_VERSION = 7

/**
 * Reads partitions by Fetch, with a session or without, and notes what it sees. It goes on where it was after every
 * failure. Source: Fetcher, FetchSessionHandler.
 */
export class PartitionReader {
  private readonly setting: Setting
  private readonly client: WireClient
  private readonly name: string
  private readonly random: SimRandom
  private readonly version: number
  private readonly isolationLevel: number
  private sessionId = 0
  private sessionEpoch = 0
  /** Offsets that the session knows. */
  private inSession = new Map<string, number>()

  constructor(setting: Setting, client: WireClient, name: string, random: SimRandom) {
    this.setting = setting
    this.client = client
    this.name = name
    this.random = random
    this.version = random.between(FETCH_VERSION_MIN, FETCH_VERSION_MAX)
    this.isolationLevel = random.below(2)
    if (random.chance(0.3)) this.sessionEpoch = -1
  }

  /** One Fetch of all positions, which are moved behind what was read. False: there was no answer, or an error. */
  fetch(positions: ReadonlyArray<Position>, options: { readonly isFinal?: boolean } = {}): Effect.Effect<boolean> {
    return Effect.suspend(() => {
      const askedAt = this.setting.history.now()
      const asked = positions.map((position) => ({ position, offset: position.offset }))
      const usesSession = this.version >= SESSION_VERSION && this.sessionEpoch >= 0
      const changed = usesSession && this.sessionEpoch > 0
        ? asked.filter(({ offset, position }) => this.inSession.get(keyOf(position)) !== offset)
        : asked
      return Effect.flatMap(
        attempt(
          this.setting,
          this.client.request(
            apis.Fetch,
            this.version,
            this.body(changed.map(({ position }) => position), positions, usesSession)
          )
        ),
        (tried) => {
          if (tried._tag === "NoAnswer") {
            this.forget()
            return Effect.succeed(false)
          }
          return this.take(tried.value, positions, asked, askedAt, options.isFinal === true)
        }
      )
    })
  }

  /** Moves a position to the log's start, where it is below it, else to its end. */
  reset(position: Position): Effect.Effect<void> {
    const ask = (timestamp: number) => () =>
      this.client.request(apis.ListOffsets, 4, {
        replicaId: -1,
        isolationLevel: 0,
        topics: [{ name: position.topic, partitions: [{ partitionIndex: position.partition, timestamp }] }],
        timeoutMs: 1_000
      })
    const offsetOf = ({ topics }: ResponseOf<typeof apis.ListOffsets>): number | undefined => {
      const { errorCode, offset } = topics[0]!.partitions[0]!
      if (errorCode === ErrorCode.NONE) return offset
      if (!isRetriable(errorCode)) {
        this.setting.history.surprise(this.name, `ListOffsets answered ${codeName(errorCode)}`)
      }
      return undefined
    }
    return Effect.gen({ self: this }, function*() {
      const start = yield* untilAnswered(this.setting, this.random, ask(-2), offsetOf)
      const end = yield* untilAnswered(this.setting, this.random, ask(-1), offsetOf)
      position.offset = position.offset < start ? start : Math.min(position.offset, end)
      this.setting.world.note(this.name, `is reset in ${keyOf(position)}`, position.offset)
    })
  }

  /** The session is lost, or was never wanted. */
  private forget(): void {
    if (this.sessionEpoch >= 0) this.sessionEpoch = 0
    this.sessionId = 0
    this.inSession.clear()
  }

  /** What the session knows and the reader does not want any more. */
  private forgotten(wanted: ReadonlyArray<Position>): Map<string, Array<number>> {
    const kept = new Set(wanted.map(keyOf))
    const forgotten = new Map<string, Array<number>>()
    for (const key of [...this.inSession.keys()]) {
      if (kept.has(key)) continue
      this.inSession.delete(key)
      const cut = key.lastIndexOf("-")
      const topic = key.slice(0, cut)
      const others = forgotten.get(topic)
      if (others === undefined) forgotten.set(topic, [Number(key.slice(cut + 1))])
      else others.push(Number(key.slice(cut + 1)))
    }
    return forgotten
  }

  private body(
    positions: ReadonlyArray<Position>,
    wanted: ReadonlyArray<Position>,
    usesSession: boolean
  ): RequestInputOf<typeof apis.Fetch> {
    const topics = new Map<string, Array<Position>>()
    for (const position of positions) {
      const others = topics.get(position.topic)
      if (others === undefined) topics.set(position.topic, [position])
      else others.push(position)
    }
    return {
      maxWaitMs: this.random.between(0, 300),
      minBytes: this.random.between(0, 200),
      maxBytes: this.random.between(1, 8_000),
      isolationLevel: this.isolationLevel,
      sessionId: usesSession ? this.sessionId : 0,
      sessionEpoch: usesSession ? this.sessionEpoch : -1,
      topics: [...topics].map(([topic, ofTopic]) => ({
        topic,
        topicId: Uuid.zero,
        partitions: ofTopic.map(({ offset, partition }) => ({
          partition,
          fetchOffset: offset,
          partitionMaxBytes: this.random.between(1, 4_000)
        }))
      })),
      forgottenTopicsData: usesSession
        ? [...this.forgotten(wanted)].map(([topic, partitions]) => ({ topic, topicId: Uuid.zero, partitions }))
        : []
    }
  }

  private take(
    response: ResponseOf<typeof apis.Fetch>,
    positions: ReadonlyArray<Position>,
    asked: ReadonlyArray<{ readonly position: Position; readonly offset: number }>,
    askedAt: Moment,
    isFinal: boolean
  ): Effect.Effect<boolean> {
    if (response.errorCode !== ErrorCode.NONE) {
      const isOfSession = response.errorCode === ErrorCode.FETCH_SESSION_ID_NOT_FOUND ||
        response.errorCode === ErrorCode.INVALID_FETCH_SESSION_EPOCH
      if (!isOfSession) this.setting.history.surprise(this.name, `Fetch answered ${codeName(response.errorCode)}`)
      this.forget()
      return Effect.succeed(false)
    }
    if (response.sessionId > 0) {
      this.sessionId = response.sessionId
      this.sessionEpoch++
      for (const { offset, position } of asked) this.inSession.set(keyOf(position), offset)
    } else if (this.sessionEpoch > 0) this.forget()
    const outside: Array<Position> = []
    for (const { partitions, topic } of response.responses) {
      for (const fetched of partitions) {
        const position = positions.find((one) => one.topic === topic && one.partition === fetched.partitionIndex)
        if (position === undefined) {
          this.setting.history.surprise(
            this.name,
            `Fetch answered ${topic}-${fetched.partitionIndex}, which was not asked for`
          )
        } else if (fetched.errorCode === ErrorCode.NONE) this.note(fetched, position, askedAt, isFinal)
        else if (fetched.errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) outside.push(position)
        else if (!isRetriable(fetched.errorCode)) {
          this.setting.history.surprise(
            this.name,
            `Fetch of ${keyOf(position)} answered ${codeName(fetched.errorCode)}`
          )
        }
      }
    }
    return Effect.as(Effect.forEach(outside, (position) => this.reset(position)), true)
  }

  private note(fetched: FetchedPartition, position: Position, askedAt: Moment, isFinal: boolean): void {
    const { history } = this.setting
    const records = readRecords(fetched.records as Uint8Array | null, position.offset)
    if (records === undefined) {
      if (history.rotted === keyOf(position)) history.isRotSeen = true
      else {history.surprise(
          this.name,
          `Fetch of ${keyOf(position)} from ${position.offset} gave a batch with a wrong CRC`
        )}
      return
    }
    history.reads.push({
      reader: this.name,
      topic: position.topic,
      partition: position.partition,
      askedAt,
      answeredAt: history.now(),
      fetchOffset: position.offset,
      highWatermark: fetched.highWatermark,
      logStartOffset: fetched.logStartOffset,
      records,
      isFinal
    })
    const last = records.at(-1)
    if (last !== undefined) position.offset = last.offset + 1
  }
}

/** `topic-partition`. */
export const keyOf = ({ partition, topic }: { readonly topic: string; readonly partition: number }): string =>
  `${topic}-${partition}`
