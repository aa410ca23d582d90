import type { RequestContext } from "../actors/connection/Handler.ts"
import type { BrokerImage, MetadataImage } from "../metadata/MetadataImage.ts"

/**
 * The brokers clients can be sent to. This one is shown under the address of the listener that the request came by.
 * Source: KRaftMetadataCache.getAliveBrokerNodes.
 */
export const livingBrokers = (image: MetadataImage, context: RequestContext): ReadonlyArray<BrokerImage> =>
  image.brokers().filter((broker) => !broker.fenced).map((broker) => atListener(image, broker, context))

/** The broker under the address that this request's client can use. */
export const atListener = (image: MetadataImage, broker: BrokerImage, context: RequestContext): BrokerImage =>
  broker.id === image.localBrokerId
    ? { ...broker, host: context.advertisedHost, port: context.advertisedPort }
    : broker
