import type { RequestContext } from "../../actors/connection/Handler.ts"
import type { AppendResult } from "../../actors/partition-leader/PartitionLeader.ts"
import type { MetadataImage } from "../../metadata/MetadataImage.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import type { ProduceRequest, ProduceResponseInput } from "../../protocol/apis/Produce.ts"
import { nodeEndpoints } from "../livingBrokers.ts"

type TopicResponse = ProduceResponseInput["responses"][number]
type PartitionResponse = TopicResponse["partitionResponses"][number]

/** First version that tells where the leader is. Source: KIP-951. */
const currentLeaderVersion = 10

/** One Produce request on its way: collects the results of its partitions, in any order, and answers after the last. */
export class ProduceRound {
  private readonly request: ProduceRequest
  private readonly context: RequestContext
  private readonly image: MetadataImage
  private readonly answer: (response: ProduceResponseInput, hasError: boolean) => void
  /** By position in the request, all topics' partitions in one row. */
  private readonly results: Array<AppendResult | undefined> = []
  private waiting: number

  constructor(
    request: ProduceRequest,
    context: RequestContext,
    image: MetadataImage,
    answer: (response: ProduceResponseInput, hasError: boolean) => void
  ) {
    this.request = request
    this.context = context
    this.image = image
    this.answer = answer
    for (const topic of request.topicData) {
      for (let i = 0; i < topic.partitionData.length; i++) this.results.push(undefined)
    }
    this.waiting = this.results.length
  }

  get partitionCount(): number {
    return this.results.length
  }

  /** The result of the partition at `position`; each is told once. */
  done(position: number, result: AppendResult): void {
    this.results[position] = result
    this.waiting--
    if (this.waiting === 0) this.finish()
  }

  /** Answers a request that has no partitions. */
  finishEmpty(): void {
    this.finish()
  }

  private finish(): void {
    let position = 0
    let hasError = false
    let mustShowLeaders = false
    const responses: Array<TopicResponse> = []
    for (const topic of this.request.topicData) {
      if (topic.partitionData.length === 0) continue
      const partitionResponses: Array<PartitionResponse> = []
      for (const { index } of topic.partitionData) {
        const result = this.results[position++]!
        if (result.errorCode !== ErrorCode.NONE) hasError = true
        if (result.errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER && this.context.apiVersion >= currentLeaderVersion) {
          mustShowLeaders = true
        }
        partitionResponses.push({
          index,
          errorCode: result.errorCode,
          baseOffset: result.baseOffset,
          logAppendTimeMs: result.logAppendTimeMs,
          logStartOffset: result.logStartOffset,
          recordErrors: result.recordErrors,
          errorMessage: result.errorMessage
        })
      }
      responses.push({ name: topic.name, topicId: topic.topicId, partitionResponses })
    }
    this.answer(mustShowLeaders ? this.withLeaders(responses) : { responses, throttleTimeMs: 0 }, hasError)
  }

  /** Adds where the leaders of the partitions refused with (6) are. */
  private withLeaders(responses: ReadonlyArray<TopicResponse>): ProduceResponseInput {
    const brokerIds = new Set<number>()
    const shown = responses.map((topic) => ({
      ...topic,
      partitionResponses: topic.partitionResponses.map((partition) => {
        if (partition.errorCode !== ErrorCode.NOT_LEADER_OR_FOLLOWER) return partition
        const image = this.context.apiVersion >= 13 ? this.image.topicById(topic.topicId) : this.image.topic(topic.name)
        const known = image?.partitions[partition.index]
        if (known === undefined || this.image.broker(known.leader) === undefined) return partition
        brokerIds.add(known.leader)
        return { ...partition, currentLeader: { leaderId: known.leader, leaderEpoch: known.leaderEpoch } }
      })
    }))
    return {
      responses: shown,
      throttleTimeMs: 0,
      nodeEndpoints: nodeEndpoints(this.image, brokerIds, this.context)
    }
  }
}
