import { apis, ErrorCode, Uuid } from "@kafka-broker/core/protocol"
import { Effect } from "effect"
import type { SimRandom } from "../../../src/simulation/SimRandom.ts"
import { codeName, isRetriable, type Setting, untilAnswered } from "../Setting.ts"
import type { WireClient } from "./WireClient.ts"

/** Source: DescribeConfigsResponse.ConfigSource.TOPIC_CONFIG. */
const OWN_CONFIG = 1

/** Asks, until it is told, for a topic's partitions and its own configs. */
export const seeTopic = Effect.fnUntraced(function*(
  setting: Setting,
  client: WireClient,
  random: SimRandom,
  topic: string,
  options: { readonly withConfigs: boolean }
): Effect.fn.Return<void> {
  const { history } = setting
  let askedAt = 0
  const seen = yield* untilAnswered(
    setting,
    random,
    () => {
      askedAt = history.now()
      return client.request(apis.Metadata, 12, {
        topics: [{ name: topic, topicId: Uuid.zero }],
        includeClusterAuthorizedOperations: false,
        includeTopicAuthorizedOperations: false,
        allowAutoTopicCreation: false
      })
    },
    ({ topics }) => {
      const { errorCode, partitions, topicId } = topics[0]!
      if (errorCode === ErrorCode.NONE) return { partitions: partitions.length, topicId: String(topicId) }
      if (errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) return { partitions: 0, topicId: "" }
      if (!isRetriable(errorCode)) history.surprise(topic, `Metadata answered ${codeName(errorCode)}`)
      return undefined
    }
  )
  history.topicsSeen.push({ topic, askedAt, answeredAt: history.now(), ...seen, configs: undefined })
  if (!options.withConfigs || seen.partitions === 0) return
  let configsAskedAt = 0
  const configs = yield* untilAnswered(
    setting,
    random,
    () => {
      configsAskedAt = history.now()
      return client.request(apis.DescribeConfigs, random.between(1, 4), {
        resources: [{ resourceType: 2, resourceName: topic, configurationKeys: null }]
      })
    },
    ({ results }) => {
      const answer = results[0]!
      if (answer.errorCode === ErrorCode.NONE) {
        const own = answer.configs.filter(({ configSource }) => configSource === OWN_CONFIG)
        return new Map(own.map((config) => [config.name, config.value ?? ""]))
      }
      if (!isRetriable(answer.errorCode)) {
        history.surprise(topic, `DescribeConfigs answered ${codeName(answer.errorCode)}`)
      }
      return undefined
    }
  )
  history.topicsSeen.push({ topic, askedAt: configsAskedAt, answeredAt: history.now(), ...seen, configs })
})
