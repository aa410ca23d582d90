import { defineRecord } from "../schema/defineRecord.ts"
import { Wire } from "../schema/Wire.ts"

const voter = {
  voterId: Wire.int32,
  voterDirectoryId: Wire.uuid.in("1+")
}

/** First record of a leader's epoch: who was elected and by whom (KIP-595). 1: directory ids (KIP-853). */
export const LeaderChangeMessage = defineRecord({
  key: 2,
  name: "LeaderChangeMessage",
  versions: "0-1",
  flexible: "0+",
  fields: {
    version: Wire.int16,
    leaderId: Wire.int32,
    voters: Wire.array(voter),
    grantingVoters: Wire.array(voter)
  }
})

/** First record of a snapshot (KIP-630). */
export const SnapshotHeaderRecord = defineRecord({
  key: 3,
  name: "SnapshotHeaderRecord",
  versions: "0",
  flexible: "0+",
  fields: { version: Wire.int16, lastContainedLogTimestamp: Wire.int64 }
})

/** Last record of a snapshot (KIP-630). */
export const SnapshotFooterRecord = defineRecord({
  key: 4,
  name: "SnapshotFooterRecord",
  versions: "0",
  flexible: "0+",
  fields: { version: Wire.int16 }
})

/** Finalized `kraft.version` (KIP-853). */
export const KRaftVersionRecord = defineRecord({
  key: 5,
  name: "KRaftVersionRecord",
  versions: "0",
  flexible: "0+",
  fields: { version: Wire.int16, kRaftVersion: Wire.int16 }
})

/** The voters of the quorum (KIP-853). */
export const VotersRecord = defineRecord({
  key: 6,
  name: "VotersRecord",
  versions: "0",
  flexible: "0+",
  fields: {
    version: Wire.int16,
    voters: Wire.array({
      voterId: Wire.int32,
      voterDirectoryId: Wire.uuid,
      endpoints: Wire.array({ name: Wire.string, host: Wire.string, port: Wire.uint16 }),
      kRaftVersionFeature: Wire.struct({
        minSupportedVersion: Wire.int16,
        maxSupportedVersion: Wire.int16
      })
    })
  }
})
