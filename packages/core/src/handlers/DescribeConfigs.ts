/**
 * DescribeConfigs 1-4 (KIP-133, KIP-226, KIP-569): configs of topics, brokers, broker loggers, client metrics
 * subscriptions and groups. Entries are sorted by name; Kafka sends them in hash order.
 *
 * Source: ConfigHelper.handleDescribeConfigsRequest.
 */
import { Effect } from "effect"
import { directHandler } from "../actors/connection/Handler.ts"
import { BrokerConfig } from "../config/BrokerConfig.ts"
import { BrokerLoggers } from "../config/BrokerLoggers.ts"
import { brokerLevels, ConfigSource } from "../config/BrokerProperties.ts"
import { Metadata } from "../metadata/Metadata.ts"
import type { MetadataImage } from "../metadata/MetadataImage.ts"
import { TopicName } from "../metadata/TopicName.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { errorMessage } from "../model/errorMessage.ts"
import { DescribeConfigs } from "../protocol/apis/DescribeConfigs.ts"
import type { DescribeConfigsRequest, DescribeConfigsResponseInput } from "../protocol/apis/DescribeConfigs.ts"
import { Authorizer } from "../security/Authorizer.ts"
import { invalidRequest, refuseUnauthorized, resourceKind } from "./configs/ConfigResource.ts"
import type { ResourceError, ResourceKind } from "./configs/ConfigResource.ts"
import {
  describeBroker,
  describeClientMetrics,
  describeClusterDefault,
  describeGroup,
  describeTopic
} from "./configs/describeEntries.ts"
import type { DescribedConfig } from "./configs/describeEntries.ts"

type RequestedResource = DescribeConfigsRequest["resources"][number]
type ResourceResult = DescribeConfigsResponseInput["results"][number]
type Described =
  | { readonly _tag: "Configs"; readonly configs: ReadonlyArray<DescribedConfig> }
  | { readonly _tag: "Refused"; readonly error: ResourceError }

const configsOf = (configs: ReadonlyArray<DescribedConfig>): Described => ({ _tag: "Configs", configs })
const refused = (error: ResourceError): Described => ({ _tag: "Refused", error })

/** The id a broker resource names, or the refusal. Source: ConfigHelper.resourceNameToBrokerId. */
const refuseOtherBroker = (name: string, expected: string, nodeId: number): ResourceError | undefined => {
  if (!/^[+-]?\d+$/.test(name)) return invalidRequest(`Broker id must be an integer, but it is: ${name}`)
  return Number(name) === nodeId
    ? undefined
    : invalidRequest(`Unexpected broker id, expected ${expected}, but received ${name}`)
}

const describeTopicResource = (image: MetadataImage, name: string, properties: ReadonlyMap<string, string>) => {
  const illegal = TopicName.validate(name)
  if (illegal !== undefined) {
    return refused({ errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, errorMessage: illegal })
  }
  const topic = image.topic(name)
  return topic === undefined
    ? refused({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, errorMessage: "" })
    : configsOf(describeTopic(topic.configs, brokerLevels(image, properties)))
}

const describeLoggers = (levels: ReadonlyMap<string, string>): ReadonlyArray<DescribedConfig> =>
  Array.from(levels, ([name, value]) => ({
    name,
    value,
    readOnly: false,
    configSource: ConfigSource.DYNAMIC_BROKER_LOGGER_CONFIG,
    isSensitive: false,
    synonyms: [],
    configType: 0,
    documentation: ""
  }))

export const makeDescribeConfigs = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const metadata = yield* Metadata
  const { nodeId, properties } = yield* BrokerConfig
  const loggers = yield* BrokerLoggers

  const describe = (image: MetadataImage, kind: ResourceKind, name: string): Described => {
    switch (kind) {
      case "TOPIC":
        return describeTopicResource(image, name, properties)
      case "BROKER": {
        const levels = brokerLevels(image, properties)
        if (name === "") return configsOf(describeClusterDefault(levels))
        const error = refuseOtherBroker(name, `${nodeId} or empty string`, nodeId)
        return error === undefined ? configsOf(describeBroker(levels)) : refused(error)
      }
      case "BROKER_LOGGER": {
        if (name === "") return refused(invalidRequest("Broker id must not be empty"))
        const error = refuseOtherBroker(name, String(nodeId), nodeId)
        return error === undefined ? configsOf(describeLoggers(loggers.levels())) : refused(error)
      }
      case "CLIENT_METRICS":
        return name === ""
          ? refused(invalidRequest("Client metrics subscription name must not be empty"))
          : configsOf(describeClientMetrics(image.configs("CLIENT_METRICS", name)))
      case "GROUP":
        return name === ""
          ? refused(invalidRequest("Group name must not be empty"))
          : configsOf(describeGroup(image.configs("GROUP", name), brokerLevels(image, properties)))
    }
  }

  const answer = (
    resource: RequestedResource,
    described: Described,
    request: DescribeConfigsRequest
  ): ResourceResult => {
    const { resourceName, resourceType, configurationKeys } = resource
    if (described._tag === "Refused") return { ...described.error, resourceName, resourceType, configs: [] }
    const wanted = configurationKeys === null || configurationKeys.length === 0 ? undefined : new Set(configurationKeys)
    return {
      errorCode: ErrorCode.NONE,
      errorMessage: "",
      resourceName,
      resourceType,
      configs: described.configs.filter(({ name }) => wanted === undefined || wanted.has(name)).map((config) => ({
        ...config,
        synonyms: request.includeSynonyms ? config.synonyms : [],
        documentation: request.includeDocumentation || config.documentation === "" ? config.documentation : null
      }))
    }
  }

  return directHandler(DescribeConfigs, (request, context, reply) => {
    const image = metadata.current()
    const authorized: Array<ResourceResult> = []
    const unauthorized: Array<ResourceResult> = []
    for (const resource of request.resources) {
      const kind = resourceKind(resource.resourceType)
      // One resource of an unknown type spoils the whole request, as in Kafka.
      if (kind === undefined) return reply(failAll(request))
      const refusal = refuseUnauthorized(authorizer, context, "DESCRIBE_CONFIGS", kind, resource.resourceName)
      if (refusal !== undefined) unauthorized.push(answer(resource, refused(refusal), request))
      else authorized.push(answer(resource, describe(image, kind, resource.resourceName), request))
    }
    reply({ results: [...authorized, ...unauthorized] })
  })
})

/** Source: DescribeConfigsRequest.getErrorResponse. */
const failAll = (request: DescribeConfigsRequest): DescribeConfigsResponseInput => ({
  results: request.resources.map(({ resourceName, resourceType }) => ({
    errorCode: ErrorCode.INVALID_REQUEST,
    errorMessage: errorMessage(ErrorCode.INVALID_REQUEST),
    resourceName,
    resourceType,
    configs: []
  }))
})
