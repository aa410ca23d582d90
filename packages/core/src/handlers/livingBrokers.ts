import type { RequestContext } from "../actors/connection/Handler.ts"
import type { BrokerImage, MetadataImage } from "../metadata/MetadataImage.ts"

/** A broker as a client sees it. */
export interface ListedBroker {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
  readonly fenced: boolean
}

/**
 * The brokers clients can be sent to: those that have the listener by which the request came.
 * Source: KRaftMetadataCache.getAliveBrokerNodes.
 */
export const livingBrokers = (image: MetadataImage, context: RequestContext): ReadonlyArray<ListedBroker> =>
  listBrokers(image.brokers().filter((broker) => !broker.fenced), context)

/** These brokers under the addresses that the client of the request can use; without those that have none. */
export const listBrokers = (
  brokers: ReadonlyArray<BrokerImage>,
  context: RequestContext
): ReadonlyArray<ListedBroker> => brokers.flatMap((broker) => atListener(broker, context) ?? [])

/**
 * The broker under the address that this request's client can use; undefined when it has none. This broker is shown
 * under the address by which the client reached it, which may be one of many.
 */
export const atListener = (
  { endPoints, fenced, id, rack }: BrokerImage,
  context: RequestContext
): ListedBroker | undefined => {
  if (id === context.nodeId) return { id, host: context.advertisedHost, port: context.advertisedPort, rack, fenced }
  const endPoint = endPoints.find(({ name }) => name === context.listenerName)
  return endPoint === undefined ? undefined : { id, host: endPoint.host, port: endPoint.port, rack, fenced }
}

/** Where leaders are that a client asked in vain here. Source: KIP-951. */
export const nodeEndpoints = (image: MetadataImage, ids: Iterable<number>, context: RequestContext) =>
  listBrokers(Array.from(ids).flatMap((id) => image.broker(id) ?? []), context)
    .map(({ host, id, port, rack }) => ({ nodeId: id, host, port, rack }))
