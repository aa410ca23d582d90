/** One place of a source file that is changed: the text must be there exactly once. */
export interface Edit {
  /** Under `packages/core/src`. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** A mistake that exists only in the run that looks for it. */
export interface PlantedBug {
  readonly name: string
  readonly edits: ReadonlyArray<Edit>
}

/**
 * Ten mistakes that brokers have shipped. Each is put into the source as it is loaded, so nothing of it is in the product. When
 * code moves, its entry here moves with it: a text that is not found exactly once ends the command.
 */
export const plantedBugs: ReadonlyArray<PlantedBug> = [
  {
    name: "ack before sync",
    edits: [{
      file: "actors/partition-leader/PartitionMachine.ts",
      find: "state.isAcksAllSynced && group.acksAllEndOffset > log.durableEndOffset",
      replace: "state.isAcksAllSynced && group.acksAllEndOffset > Infinity"
    }]
  },
  {
    name: "skipped CRC on recovery",
    edits: [{
      file: "log/recoverSegment.ts",
      find: "if (magic2 && !RecordBatch.isCrcValid(bytes, at))",
      replace: "if (magic2 && RecordBatch.batchSizeBytes(bytes, at) < 0)"
    }]
  },
  {
    name: "forgotten producer snapshot",
    edits: [{ file: "log/openPartitionLog.ts", find: "    producers.restore(saved)\n", replace: "" }]
  },
  {
    name: "high watermark off by one",
    edits: [{
      file: "actors/partition-leader/PartitionMachine.ts",
      find: "return Math.max(heldFromOffset, log.durableEndOffset)",
      replace: "return Math.max(heldFromOffset + 1, log.durableEndOffset)"
    }]
  },
  {
    name: "leader epoch not raised",
    edits: [{
      file: "actors/controller/raiseEpochs.ts",
      find: "latestEpoch < partition.leaderEpoch",
      replace: "latestEpoch <= partition.leaderEpoch"
    }]
  },
  {
    name: "truncate instead of offline",
    edits: [{ file: "log/recoverSegment.ts", find: "if (laterBatch >= 0) {", replace: "if (laterBatch < -1) {" }]
  },
  {
    name: "retried sync",
    edits: [{
      file: "log/UnsyncedFiles.ts",
      find: "return Effect.flatMap(segments[0]!.file(), (file) => file.sync)",
      replace: "return Effect.flatMap(segments[0]!.file(), (file) => Effect.catch(file.sync, () => file.sync))"
    }]
  },
  {
    name: "ignored short write",
    edits: [{
      file: "log/SegmentedLog.ts",
      find: "undoing(error, file.truncate(active.sizeBytes))",
      replace: "undoing(error, Effect.void)"
    }]
  },
  {
    name: "unchecked generation on commit",
    edits: [
      {
        file: "actors/group-coordinator/classic/validateCommit.ts",
        find: "if (generation !== group.generation) return ErrorCode.ILLEGAL_GENERATION",
        replace: ""
      },
      {
        file: "actors/group-coordinator/classic/validateCommit.ts",
        find: "if (error !== ErrorCode.NONE) return error",
        replace: "if (error !== ErrorCode.NONE && error !== ErrorCode.UNKNOWN_MEMBER_ID) return error"
      }
    ]
  },
  {
    name: "index entry before write",
    edits: [{
      file: "log/SegmentedLog.ts",
      find: "(error) => undoing(error, file.truncate(active.sizeBytes))",
      replace: "(error) => {\n" +
        "      const { sizeBytes } = active\n" +
        "      for (const batch of run) active.note(batch, 0, batch.length, this.config.indexIntervalBytes)\n" +
        "      active.sizeBytes = sizeBytes\n" +
        "      return undoing(error, file.truncate(sizeBytes))\n" +
        "    }"
    }]
  }
]
