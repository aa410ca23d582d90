/**
 * IncrementalAlterConfigs 0-1 (KIP-339, KIP-412): sets, deletes, appends to and subtracts from single configs of
 * topics, brokers, broker loggers, client metrics subscriptions and groups.
 *
 * Source: KafkaApis.handleIncrementalAlterConfigsRequest.
 */
import { Effect } from "effect"
import { effectHandler } from "../actors/connection/Handler.ts"
import { IncrementalAlterConfigs } from "../protocol/apis/IncrementalAlterConfigs.ts"
import { makeAlterConfigResources } from "./configs/alterConfigResources.ts"

/** Source: AlterConfigOp.OpType. */
const operations = ["SET", "DELETE", "APPEND", "SUBTRACT"] as const

export const makeIncrementalAlterConfigs = Effect.gen(function*() {
  const alter = yield* makeAlterConfigResources
  return effectHandler(
    IncrementalAlterConfigs,
    Effect.fnUntraced(function*({ resources, validateOnly }, context) {
      const toAlter = resources.map(({ resourceType, resourceName, configs }) => ({
        resourceType,
        resourceName,
        changes: configs.map(({ name, configOperation, value }) => ({
          name,
          operation: operations[configOperation],
          value
        }))
      }))
      const outcomes = yield* alter(toAlter, { mode: "incremental", validateOnly }, context)
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
