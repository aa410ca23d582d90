import type { HeartbeatOutcome } from "../../../../src/actors/group-coordinator/classic/heartbeat.ts"
import type { LeaveReply } from "../../../../src/actors/group-coordinator/machine/GroupDecision.ts"
import { decodeConsumerAssignment, encodeConsumerAssignment } from "../../../../src/protocol/apis/ConsumerProtocol.ts"
import { ErrorCode } from "../../../../src/model/ErrorCode.ts"
import { join, type JoinReply, subscription, sync, type SyncReply } from "../commands.ts"
import type { GroupSimulation } from "../GroupSimulation.ts"

/** Partitions the leader divides. */
export const partitionCount = 8

/** A consumer of the classic protocol, reduced to what it asks and how it takes the answers. */
export class ClassicClient {
  memberId = ""
  generation = -1
  /** Partitions it was told to read, undefined outside a generation. */
  assignment: ReadonlyArray<number> | undefined = undefined
  alive = true
  readonly instanceId: string | null
  private readonly group: GroupSimulation
  private readonly knowsId: boolean
  private joining: number | undefined = undefined
  private syncing: number | undefined = undefined

  constructor(group: GroupSimulation, instanceId: string | null, knowsId: boolean) {
    this.group = group
    this.instanceId = instanceId
    this.knowsId = knowsId
  }

  /** The coordinator died: what was asked is lost. */
  disconnect(): void {
    this.joining = undefined
    this.syncing = undefined
  }

  private reset(): void {
    this.memberId = ""
    this.generation = -1
    this.assignment = undefined
  }

  private join(): void {
    // An eager consumer gives everything up before it joins.
    this.assignment = undefined
    this.joining = this.group.send(join({
      memberId: this.memberId,
      groupInstanceId: this.instanceId,
      requiresKnownMemberId: this.knowsId && this.instanceId === null,
      rebalanceTimeoutMs: 20_000,
      protocols: [{ name: "range", metadata: subscription("orders") }]
    }))
  }

  private joined(reply: JoinReply): void {
    this.joining = undefined
    if (reply.errorCode === ErrorCode.MEMBER_ID_REQUIRED) this.memberId = reply.memberId
    else if (reply.errorCode !== ErrorCode.NONE) this.reset()
    else {
      this.memberId = reply.memberId
      this.generation = reply.generationId
      const leads = reply.leader === reply.memberId && !reply.skipAssignment
      const assignments = new Map<string, Uint8Array>()
      if (leads) {
        reply.members.forEach((member, i) => {
          const own: Array<number> = []
          for (let p = i; p < partitionCount; p += reply.members.length) own.push(p)
          const assignedPartitions = own.length === 0 ? [] : [{ topic: "orders", partitions: own }]
          assignments.set(member.memberId, encodeConsumerAssignment({ assignedPartitions, userData: null }))
        })
      }
      this.syncing = this.group.send(
        sync(this.memberId, this.generation, {}, { groupInstanceId: this.instanceId, assignments })
      )
    }
  }

  private synced(reply: SyncReply): void {
    this.syncing = undefined
    if (reply.errorCode === ErrorCode.NONE) {
      this.assignment = reply.assignment.length === 0
        ? []
        : decodeConsumerAssignment(reply.assignment).assignedPartitions.flatMap((topic) => topic.partitions)
    } else if (reply.errorCode !== ErrorCode.REBALANCE_IN_PROGRESS) this.reset()
  }

  /** Does the next thing a consumer would do. */
  poll(): void {
    if (!this.alive) return
    if (this.joining !== undefined) {
      const reply = this.group.answer<JoinReply>(this.joining)
      if (reply !== undefined) this.joined(reply)
      return
    }
    if (this.syncing !== undefined) {
      const reply = this.group.answer<SyncReply>(this.syncing)
      if (reply !== undefined) this.synced(reply)
      return
    }
    if (this.assignment === undefined) return this.join()
    const { errorCode } = this.group.ask<HeartbeatOutcome>({
      _tag: "Heartbeat",
      groupId: "g",
      memberId: this.memberId,
      groupInstanceId: this.instanceId,
      generationId: this.generation
    })
    if (errorCode === ErrorCode.NONE) return
    if (errorCode !== ErrorCode.REBALANCE_IN_PROGRESS) this.reset()
    this.join()
  }

  /** Stops without a word. */
  kill(): void {
    this.alive = false
    this.assignment = undefined
  }

  leave(): LeaveReply | undefined {
    this.alive = false
    this.assignment = undefined
    if (this.memberId === "") return undefined
    return this.group.ask<LeaveReply>({
      _tag: "Leave",
      groupId: "g",
      members: [{ memberId: this.memberId, groupInstanceId: this.instanceId }]
    })
  }
}
