/**
 * The file `quorum-state` beside the metadata log: who led last, under which epoch. Kafka warns when it is older than the
 * log. Source: FileQuorumStateStore, QuorumStateData.
 */
import { Effect } from "effect"
import { decodeAscii, encodeAscii, readFile, writeFileAtomically } from "../log/StateFile.ts"
import { Uuid } from "../model/Uuid.ts"
import type { LogFiles, LogFilesError } from "../seams/LogFiles.ts"

/** What is read of the file. */
export interface QuorumState {
  readonly leaderEpoch: number
  /** 0 with static voters, 1 since `kraft.version` 1. */
  readonly dataVersion: number
}

const pathIn = (directory: string): string => `${directory}/quorum-state`

/** The state in the file; undefined when it cannot be read, which Kafka forgives as well. */
export const readQuorumState = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  directory: string
): Effect.fn.Return<QuorumState | undefined, LogFilesError> {
  const bytes = yield* readFile(files, pathIn(directory))
  const text = bytes === undefined ? "" : decodeAscii(bytes)
  const epoch = /"leaderEpoch"\s*:\s*(\d+)/.exec(text)
  const version = /"data_version"\s*:\s*(\d+)/.exec(text)
  return epoch === null ? undefined : { leaderEpoch: Number(epoch[1]), dataVersion: Number(version?.[1] ?? 0) }
})

/** Says that this node leads, in the version that was there. */
export const writeQuorumState = (
  files: LogFiles["Service"],
  directory: string,
  nodeId: number,
  { dataVersion, leaderEpoch }: QuorumState
): Effect.Effect<void, LogFilesError> => {
  const state = dataVersion === 0
    ? {
      clusterId: "",
      leaderId: nodeId,
      leaderEpoch,
      votedId: -1,
      appliedOffset: 0,
      currentVoters: [{ voterId: nodeId }],
      data_version: 0
    }
    : { leaderId: nodeId, leaderEpoch, votedId: -1, votedDirectoryId: Uuid.zero, data_version: 1 }
  return writeFileAtomically(files, pathIn(directory), encodeAscii(JSON.stringify(state)))
}
