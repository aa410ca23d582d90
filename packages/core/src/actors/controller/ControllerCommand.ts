import type { LogDescription } from "../../log/LogStore.ts"
import type { MetadataRecord } from "../../metadata/MetadataRecord.ts"
import type { OperationError } from "../../model/OperationError.ts"
import type { Uuid } from "../../model/Uuid.ts"
import type { AdoptedTopic } from "./adoptTopics.ts"
import type { ProducerIdBlock } from "./allocateProducerIds.ts"
import type { AlterConfigsCommand, AlterConfigsReply } from "./alterConfigs.ts"
import type {
  AlterPartitionReassignmentsCommand,
  AlterPartitionReassignmentsReply
} from "./alterPartitionReassignments.ts"
import type { CreatePartitionsCommand, CreatePartitionsReply } from "./createPartitions.ts"
import type { CreateTopicsCommand, CreateTopicsReply } from "./createTopics.ts"
import type { BrokerRegistration } from "./registerBroker.ts"

/** A command of each kind, by its tag, and what it is answered with. All of it is data: it can be printed and sent on. */
interface Commands {
  readonly CreateTopics: { readonly command: CreateTopicsCommand; readonly reply: CreateTopicsReply }
  readonly CreatePartitions: { readonly command: CreatePartitionsCommand; readonly reply: CreatePartitionsReply }
  readonly DeleteTopics: {
    readonly command: { readonly topicIds: ReadonlyArray<Uuid> }
    /** One outcome for each id, undefined when the topic goes. */
    readonly reply: ReadonlyArray<OperationError | undefined>
  }
  readonly AlterConfigs: { readonly command: AlterConfigsCommand; readonly reply: AlterConfigsReply }
  readonly AlterPartitionReassignments: {
    readonly command: AlterPartitionReassignmentsCommand
    readonly reply: AlterPartitionReassignmentsReply
  }
  readonly AllocateProducerIds: { readonly command: { readonly brokerId: number }; readonly reply: ProducerIdBlock }
  /** The first records of a cluster whose `metadata.version` is not known. */
  readonly Bootstrap: {
    readonly command: { readonly records: ReadonlyArray<MetadataRecord>; readonly minInsyncReplicas: string }
    readonly reply: void
  }
  readonly RegisterBroker: { readonly command: { readonly broker: BrokerRegistration }; readonly reply: number }
  readonly FenceBroker: { readonly command: { readonly brokerId: number }; readonly reply: void }
  readonly AdoptTopics: {
    readonly command: { readonly brokerId: number; readonly topics: ReadonlyArray<AdoptedTopic> }
    readonly reply: void
  }
  readonly TakeOver: { readonly command: { readonly brokerId: number }; readonly reply: ReadonlyArray<string> }
  readonly RaiseEpochs: {
    readonly command: { readonly brokerId: number; readonly logs: ReadonlyArray<LogDescription> }
    readonly reply: void
  }
}

/** The name of a kind of command. */
export type ControllerCommandTag = keyof Commands

/** A command of one kind. */
export type ControllerCommandOf<Tag extends ControllerCommandTag> = Tag extends ControllerCommandTag
  ? { readonly _tag: Tag } & Commands[Tag]["command"]
  : never

/** What the controller is asked to decide. */
export type ControllerCommand = ControllerCommandOf<ControllerCommandTag>

/** What a command of this kind is answered with. */
export type ControllerReplyOf<Tag extends ControllerCommandTag> = Commands[Tag]["reply"]
