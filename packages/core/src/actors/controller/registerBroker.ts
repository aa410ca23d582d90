import type { BrokerImage, MetadataImage } from "../../metadata/MetadataImage.ts"
import type { MetadataRecord } from "../../metadata/MetadataRecord.ts"
import type { ControllerDecision } from "./Controller.ts"

/** What a broker says of itself when it registers. */
export type BrokerRegistration = Pick<
  BrokerImage,
  "id" | "incarnationId" | "endPoints" | "features" | "rack" | "logDirs"
>

/** Decides the registration of a broker, which serves at once; the reply is its epoch. Source: ClusterControlManager.registerBroker. */
export const decideRegisterBroker = (
  image: MetadataImage,
  { endPoints, features, id, incarnationId, logDirs, rack }: BrokerRegistration
): ControllerDecision<number> => {
  const brokerEpoch = image.endOffset
  const record: MetadataRecord = {
    _tag: "RegisterBroker",
    brokerId: id,
    isMigratingZkBroker: false,
    incarnationId,
    brokerEpoch,
    endPoints,
    features,
    rack,
    fenced: false,
    inControlledShutdown: false,
    logDirs,
    cordonedLogDirs: null
  }
  return { records: [record], reply: brokerEpoch }
}

/**
 * Fences a broker that stops. It may register again at once, under any incarnation.
 * Source: ReplicationControlManager.handleBrokerFenced.
 */
export const decideFenceBroker = (image: MetadataImage, brokerId: number): ControllerDecision<void> => {
  const broker = image.broker(brokerId)
  const records: ReadonlyArray<MetadataRecord> = broker === undefined || broker.fenced ? [] : [{
    _tag: "BrokerRegistrationChange",
    brokerId,
    brokerEpoch: broker.epoch,
    fenced: 1,
    inControlledShutdown: 0,
    logDirs: [],
    cordonedLogDirs: null
  }]
  return { records, reply: undefined }
}
