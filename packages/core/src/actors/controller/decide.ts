import type { ConfigRulesShape } from "../../config/ConfigRules.ts"
import { FeatureName } from "../../metadata/FeatureName.ts"
import type { MetadataImage } from "../../metadata/MetadataImage.ts"
import { decideAdoptTopics } from "./adoptTopics.ts"
import { decideAllocateProducerIds } from "./allocateProducerIds.ts"
import { decideAlterConfigs } from "./alterConfigs.ts"
import { decideAlterPartitionReassignments } from "./alterPartitionReassignments.ts"
import type { ControllerDecision } from "./Controller.ts"
import type { ControllerCommand } from "./ControllerCommand.ts"
import { decideCreatePartitions } from "./createPartitions.ts"
import { decideCreateTopics } from "./createTopics.ts"
import { decideDeleteTopics } from "./deleteTopics.ts"
import { withClusterMinInsyncReplicas } from "./eligibleLeaderReplicas.ts"
import { decideRaiseEpochs } from "./raiseEpochs.ts"
import { decideFenceBroker, decideRegisterBroker } from "./registerBroker.ts"
import { decideTakeOver } from "./takeOver.ts"

/**
 * What a command comes to on an image: records, and the answer once they are applied. Pure; run again on the newer image
 * when another controller was first. The answer is that of the command's kind in `ControllerCommand.ts`.
 */
export const decide = (
  image: MetadataImage,
  command: ControllerCommand,
  rules: ConfigRulesShape
): ControllerDecision<unknown> => {
  switch (command._tag) {
    case "CreateTopics":
      return decideCreateTopics(image, command, rules)
    case "CreatePartitions":
      return decideCreatePartitions(image, command)
    case "DeleteTopics":
      return decideDeleteTopics(image, command.topicIds)
    case "AlterConfigs":
      return decideAlterConfigs(image, command, rules)
    case "AlterPartitionReassignments":
      return decideAlterPartitionReassignments(image, command)
    case "AllocateProducerIds":
      return decideAllocateProducerIds(image, command.brokerId)
    case "Bootstrap":
      return {
        records: image.features.has(FeatureName.metadata)
          ? []
          : withClusterMinInsyncReplicas(command.records, command.minInsyncReplicas),
        reply: undefined
      }
    case "RegisterBroker":
      return decideRegisterBroker(image, command.broker)
    case "FenceBroker":
      return decideFenceBroker(image, command.brokerId)
    case "AdoptTopics":
      return decideAdoptTopics(image, command.brokerId, command.topics)
    case "TakeOver":
      return decideTakeOver(image, command.brokerId)
    case "RaiseEpochs":
      return decideRaiseEpochs(image, command.brokerId, command.logs)
  }
}
