import type { RequestContext } from "../../actors/connection/Handler.ts"
import type { MetadataImage } from "../../metadata/MetadataImage.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import type { FetchResponseInput } from "../../protocol/apis/Fetch.ts"
import { nodeEndpoints } from "../livingBrokers.ts"

const needsLeader = (errorCode: number): boolean =>
  errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER || errorCode === ErrorCode.FENCED_LEADER_EPOCH

/** Adds where the leaders of partitions refused with (6) or (74) are. Source: KIP-951. */
export const withLeaders = (
  answer: FetchResponseInput,
  image: MetadataImage,
  context: RequestContext
): FetchResponseInput => {
  if (!answer.responses.some((topic) => topic.partitions.some((partition) => needsLeader(partition.errorCode)))) {
    return answer
  }
  const brokerIds = new Set<number>()
  const responses = answer.responses.map((topic) => ({
    ...topic,
    partitions: topic.partitions.map((partition) => {
      const known = needsLeader(partition.errorCode)
        ? image.topicById(topic.topicId)?.partitions[partition.partitionIndex]
        : undefined
      if (known === undefined || image.broker(known.leader) === undefined) return partition
      brokerIds.add(known.leader)
      return { ...partition, currentLeader: { leaderId: known.leader, leaderEpoch: known.leaderEpoch } }
    })
  }))
  return { ...answer, responses, nodeEndpoints: nodeEndpoints(image, brokerIds, context) }
}
