/**
 * AlterConfigs 0-2 (KIP-133): replaces all configs of topics, brokers, client metrics subscriptions and groups.
 *
 * Source: KafkaApis.handleAlterConfigsRequest.
 */
import { Effect } from "effect"
import { effectHandler } from "../actors/connection/Handler.ts"
import { AlterConfigs } from "../protocol/apis/AlterConfigs.ts"
import { makeAlterConfigResources } from "./configs/alterConfigResources.ts"

export const makeAlterConfigs = Effect.gen(function*() {
  const alter = yield* makeAlterConfigResources
  return effectHandler(
    AlterConfigs,
    Effect.fnUntraced(function*({ resources, validateOnly }, context) {
      const toAlter = resources.map(({ resourceType, resourceName, configs }) => ({
        resourceType,
        resourceName,
        changes: configs.map(({ name, value }) => ({ name, operation: "SET" as const, value }))
      }))
      const outcomes = yield* alter(toAlter, { mode: "full", validateOnly }, context)
      return {
        responses: resources.map(({ resourceType, resourceName }, index) => ({
          ...outcomes[index]!,
          resourceType,
          resourceName
        }))
      }
    })
  )
})
