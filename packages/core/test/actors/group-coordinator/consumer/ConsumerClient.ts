import { ErrorCode } from "../../../../src/model/ErrorCode.ts"
import { consumer, type ConsumerHeartbeatReply } from "../commands.ts"
import { type GroupSimulation, topicIdOf } from "../GroupSimulation.ts"

/** A client that was silent for so long stops reading: the coordinator may have given its partitions away. */
const silentMaxMs = 30_000

/** A consumer of the new protocol that reads `orders`, reduced to its heartbeats. */
export class ConsumerClient {
  readonly memberId: string
  readonly instanceId: string | null
  epoch = 0
  /** Partitions it reads. */
  owned = new Set<number>()
  alive = true
  private readonly group: GroupSimulation
  private lastHeardMs = -Infinity
  /** After a lost answer everything is told again, so that everything is answered. */
  private tellsAll = true

  constructor(group: GroupSimulation, memberId: string, instanceId: string | null = null) {
    this.group = group
    this.memberId = memberId
    this.instanceId = instanceId
  }

  /** What it reads now; nothing once it was silent for too long. */
  get reads(): ReadonlyArray<number> {
    return this.alive && this.group.nowMs - this.lastHeardMs < silentMaxMs ? [...this.owned] : []
  }

  private forget(): void {
    this.epoch = 0
    this.owned = new Set()
  }

  /** Sends a heartbeat; with `loses` the answer never arrives. */
  poll(loses = false): void {
    if (!this.alive) return
    if (this.epoch !== 0 && this.reads.length < this.owned.size) this.forget()
    const joins = this.epoch === 0
    const partitions = [...this.owned]
    const reply = this.group.ask<ConsumerHeartbeatReply>(consumer(this.memberId, {
      memberEpoch: this.epoch,
      instanceId: this.instanceId,
      rebalanceTimeoutMs: joins || this.tellsAll ? 30_000 : -1,
      subscribedTopicNames: joins || this.tellsAll ? ["orders"] : null,
      topicPartitions: joins || partitions.length === 0 ? [] : [{ topicId: topicIdOf(1), partitions }]
    }))
    this.tellsAll = loses
    if (loses) return
    if (reply.errorCode !== ErrorCode.NONE) return this.forget()
    this.lastHeardMs = this.group.nowMs
    this.epoch = reply.memberEpoch
    if (reply.assignment !== null) {
      this.owned = new Set(reply.assignment.topicPartitions.flatMap((topic) => topic.partitions))
    }
  }

  kill(): void {
    this.alive = false
  }

  leave(forAWhile = false): void {
    this.alive = false
    if (this.epoch === 0) return
    const memberEpoch = forAWhile && this.instanceId !== null ? -2 : -1
    this.group.ask(consumer(this.memberId, { memberEpoch, instanceId: this.instanceId }))
  }
}
