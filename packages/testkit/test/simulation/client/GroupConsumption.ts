import { apis, ErrorCode, Uuid } from "@kafka-broker/core/protocol"
import { Effect } from "effect"
import type { SimRandom } from "../../../src/simulation/SimRandom.ts"
import type { Ownership } from "../History.ts"
import { attempt, codeName, isRetriable, type Setting } from "../Setting.ts"
import { fetchCommitted } from "./offsets.ts"
import { keyOf, PartitionReader, type Position } from "./PartitionReader.ts"
import { WireClient } from "./WireClient.ts"

/** Codes that say that a member is not what it takes itself for any more. */
const fenced: ReadonlySet<number> = new Set<number>([
  ErrorCode.ILLEGAL_GENERATION,
  ErrorCode.UNKNOWN_MEMBER_ID,
  ErrorCode.REBALANCE_IN_PROGRESS,
  ErrorCode.FENCED_MEMBER_EPOCH,
  ErrorCode.STALE_MEMBER_EPOCH,
  ErrorCode.GROUP_ID_NOT_FOUND
])

export const isFenced = (code: number): boolean => fenced.has(code)

export interface GroupConsumptionOptions {
  readonly group: string
  readonly protocol: Ownership["protocol"]
  readonly member: string
  /** How long the group surely keeps a member after it heard of it, in milliseconds. */
  readonly keptForMs: number
}

/** The partitions that a member of a group owns: it begins at what is committed, reads, and commits what it has read. */
export class GroupConsumption {
  readonly owned = new Map<string, { readonly position: Position; readonly ownership: Ownership }>()
  private readonly setting: Setting
  private readonly client: WireClient
  private readonly fetching: WireClient
  private readonly reader: PartitionReader
  private readonly random: SimRandom
  private readonly options: GroupConsumptionOptions

  constructor(setting: Setting, client: WireClient, random: SimRandom, options: GroupConsumptionOptions) {
    this.setting = setting
    this.client = client
    this.random = random
    this.options = options
    this.fetching = new WireClient(setting.world, `${options.member}-fetch`)
    this.reader = new PartitionReader(setting, this.fetching, options.member, random)
  }

  /** Owns these partitions of one generation from now on, which must not be owned already; `heardMicros` is when it was told. */
  own(topic: string, partitions: ReadonlyArray<number>, generation: number, heardMicros: number): Effect.Effect<void> {
    if (partitions.length === 0) return Effect.void
    const { group, keptForMs, member, protocol } = this.options
    const { history, world } = this.setting
    const ownership: Ownership = {
      group,
      protocol,
      member,
      generation,
      partitions: partitions.map((partition) => keyOf({ topic, partition })),
      fromMicros: world.loop.nowMicros,
      fromAt: history.now(),
      untilMicros: heardMicros + keptForMs * 1000,
      untilAt: Infinity
    }
    history.ownerships.push(ownership)
    world.note(member, `owns ${ownership.partitions.join()} in generation`, generation)
    for (const partition of partitions) {
      const position = { topic, partition, offset: 0 }
      this.owned.set(keyOf(position), { position, ownership })
    }
    return Effect.map(fetchCommitted(this.setting, this.client, this.random, group, topic, partitions), (committed) => {
      for (const [partition, offset] of committed) {
        const one = this.owned.get(keyOf({ topic, partition }))
        if (one?.ownership === ownership) one.position.offset = Math.max(0, offset)
      }
    })
  }

  /** The group heard of the member, by a request sent at `sentMicros`: it is kept for a while from then on. */
  kept(sentMicros: number): void {
    for (const { ownership } of this.owned.values()) {
      ownership.untilMicros = Math.max(ownership.untilMicros, sentMicros + this.options.keptForMs * 1000)
    }
  }

  /** Gives partitions up; all when none are named. */
  giveUp(keys: ReadonlyArray<string> = [...this.owned.keys()]): void {
    const nowMicros = this.setting.world.loop.nowMicros
    for (const key of keys) {
      const one = this.owned.get(key)
      if (one === undefined) continue
      this.owned.delete(key)
      const { ownership } = one
      const others = ownership.partitions.filter((other) =>
        other !== key && this.owned.get(other)?.ownership === ownership
      )
      this.end(ownership, key, others.length, nowMicros)
    }
  }

  /** Reads once, and commits now and then. False: the group does not take the member's commit. */
  consume(commitAs: { readonly memberId: string; readonly epoch: () => number }): Effect.Effect<boolean> {
    return Effect.gen({ self: this }, function*() {
      const positions = [...this.owned.values()].map(({ position }) => position)
      if (positions.length === 0) return true
      yield* this.reader.fetch(positions)
      if (this.random.chance(0.4)) return true
      const position = this.random.pick(positions)
      if (!this.owned.has(keyOf(position)) || position.offset === 0) return true
      return yield* this.commit(position, commitAs.memberId, commitAs.epoch())
    })
  }

  /** Commits a position. False: the member is fenced. */
  commit(position: Position, memberId: string, generation: number): Effect.Effect<boolean> {
    const { history } = this.setting
    const { group, member } = this.options
    const { offset, partition, topic } = position
    const askedAt = history.now()
    const isNewProtocol = this.options.protocol === "consumer"
    return Effect.map(
      attempt(
        this.setting,
        this.client.request(apis.OffsetCommit, isNewProtocol ? 9 : this.random.between(2, 8), {
          groupId: group,
          generationIdOrMemberEpoch: generation,
          memberId,
          topics: [{
            name: topic,
            topicId: Uuid.zero,
            partitions: [{ partitionIndex: partition, committedOffset: offset, committedMetadata: member }]
          }]
        })
      ),
      (tried) => {
        const errorCode = tried._tag === "Answered" ? tried.value.topics[0]!.partitions[0]!.errorCode : undefined
        const isAcknowledged = errorCode === ErrorCode.NONE
        history.commits.push({ group, topic, partition, offset, askedAt, answeredAt: history.now(), isAcknowledged })
        if (errorCode !== undefined && !isAcknowledged) {
          if (isFenced(errorCode)) return false
          if (!isRetriable(errorCode)) history.surprise(member, `OffsetCommit answered ${codeName(errorCode)}`)
        }
        return true
      }
    )
  }

  close(): void {
    this.giveUp()
    this.fetching.close()
  }

  /** One partition of an ownership ends: what is left of it goes on as it was. */
  private end(ownership: Ownership, key: string, left: number, nowMicros: number): void {
    const { history } = this.setting
    if (left === 0) {
      ownership.untilMicros = Math.min(ownership.untilMicros, nowMicros)
      ownership.untilAt = history.now()
      return
    }
    history.ownerships.push({
      ...ownership,
      partitions: [key],
      untilMicros: Math.min(ownership.untilMicros, nowMicros),
      untilAt: history.now()
    })
    const rest = ownership.partitions as Array<string>
    rest.splice(rest.indexOf(key), 1)
  }
}
