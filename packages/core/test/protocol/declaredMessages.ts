import { ConsumerProtocolAssignment, ConsumerProtocolSubscription } from "../../src/protocol/apis/ConsumerProtocol.ts"
import { apis } from "../../src/protocol/apis/index.ts"
import type { Message } from "../../src/protocol/schema/Message.ts"
import { groupRecordTypes, transactionRecordTypes } from "../../src/protocol/state-records/CoordinatorRecord.ts"
import { metadataRecordTypes } from "../../src/protocol/state-records/MetadataRecord.ts"
import { raftControlRecordTypes } from "../../src/protocol/state-records/RaftControlRecord.ts"

/** Every declared message by Kafka's name for it. */
export const declaredMessages: ReadonlyMap<string, Message<any>> = new Map(
  [
    ...Object.values(apis).flatMap((api): Array<Message<any>> => [api.request, api.response]),
    ConsumerProtocolSubscription,
    ConsumerProtocolAssignment,
    ...Object.values({ ...groupRecordTypes, ...transactionRecordTypes })
      .flatMap((type): Array<Message<any>> => [type.key, type.value]),
    ...Object.values({ ...metadataRecordTypes, ...raftControlRecordTypes }).map((type): Message<any> => type.message)
  ].map((message) => [message.name, message])
)
