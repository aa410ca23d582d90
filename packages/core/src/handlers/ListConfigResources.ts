/**
 * ListConfigResources 0-1 (KIP-714, KIP-1142): groups and client metrics subscriptions that have configs, and all
 * brokers and topics, which can have some.
 *
 * Source: KafkaApis.handleListConfigResources.
 */
import { Effect } from "effect"
import { directHandler, type RequestContext } from "../actors/connection/Handler.ts"
import { Metadata } from "../metadata/Metadata.ts"
import type { MetadataImage } from "../metadata/MetadataImage.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { ListConfigResources } from "../protocol/apis/ListConfigResources.ts"
import { Authorizer, clusterName } from "../security/Authorizer.ts"
import { type ResourceKind, resourceKind } from "./configs/ConfigResource.ts"
import { livingBrokers } from "./livingBrokers.ts"

/** Groups come first and topics last, whatever the order asked. Source: ConfigResource.Type. */
const resourceTypes: ReadonlyArray<number> = [32, 16, 8, 4, 2]
const clientMetricsOnly: ReadonlyArray<number> = [16]

const namesOf = (image: MetadataImage, kind: ResourceKind, context: RequestContext): ReadonlyArray<string> => {
  switch (kind) {
    case "GROUP":
    case "CLIENT_METRICS":
      return image.configured(kind)
    case "BROKER":
    case "BROKER_LOGGER":
      return livingBrokers(image, context).map(({ id }) => String(id))
    case "TOPIC":
      return image.topics().map(({ name }) => name)
  }
}

/** The handler of ListConfigResources. */
export const makeListConfigResources = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const metadata = yield* Metadata
  return directHandler(ListConfigResources, (request, context, reply) => {
    const { apiVersion, clientHost, principal } = context
    if (!authorizer.authorize(principal, clientHost, "DESCRIBE_CONFIGS", "CLUSTER", clusterName)) {
      return reply({ errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, configResources: [] })
    }
    const served = apiVersion === 0 ? clientMetricsOnly : resourceTypes
    const asked = request.resourceTypes.length === 0 ? served : request.resourceTypes
    // One kind that is unknown spoils the whole request, as in Kafka.
    if (!asked.every((type) => served.includes(type))) {
      return reply({ errorCode: ErrorCode.UNSUPPORTED_VERSION, configResources: [] })
    }
    const image = metadata.current()
    reply({
      errorCode: ErrorCode.NONE,
      configResources: served.filter((type) => asked.includes(type)).flatMap((resourceType) =>
        namesOf(image, resourceKind(resourceType)!, context).map((resourceName) => ({ resourceName, resourceType }))
      )
    })
  })
})
