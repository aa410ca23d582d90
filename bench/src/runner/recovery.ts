import { rmSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { freePorts } from "../../../interop/src/Process.ts"
import type { Uuid } from "../../../packages/core/src/model/Uuid.ts"
import { Produce } from "../../../packages/core/src/protocol/apis/Produce.ts"
import type { RunOrder } from "../generator/Load.ts"
import { fill } from "../generator/produceLoad.ts"
import { makeBatch } from "../generator/ProduceTemplate.ts"
import { ask, createTopic, openSocket } from "../generator/Wire.ts"
import { makeDataDir } from "../Paths.ts"
import { launch, type System } from "../systems/System.ts"

/** The log that a killed broker finds again. */
export interface RecoveryShape {
  readonly bytes: number
  readonly partitions: number
}

/** Milliseconds from the start of the process after SIGKILL. */
export interface Recovery {
  /** To the first answer to ApiVersions. */
  readonly answerMs: number
  /** To the first acknowledged Produce, on one partition. */
  readonly produceMs: number
  /** Until every partition has acknowledged one. */
  readonly allPartitionsMs: number
}

const topic = "recovery"
const shape = { recordBytes: 1024, recordsPerBatch: 63 }
const produceVersion = 11
const recoveryMsMax = 120_000

/** Asks again until the broker takes the batch; the offset it got. */
const produceUntilTaken = async (port: number, index: number, records: Uint8Array): Promise<bigint> => {
  for (const deadline = Date.now() + recoveryMsMax; Date.now() < deadline;) {
    try {
      const socket = await openSocket(port)
      try {
        const { responses } = await ask(socket, Produce, produceVersion, {
          acks: 1,
          timeoutMs: 30_000,
          topicData: [{ name: topic, topicId: "AAAAAAAAAAAAAAAAAAAAAA" as Uuid, partitionData: [{ index, records }] }]
        })
        const answer = responses[0]?.partitionResponses[0]
        if (answer?.errorCode === 0) return BigInt(answer.baseOffset)
      } finally {
        socket.destroy()
      }
    } catch {
      // Not listening yet, or closing connections while it starts.
    }
    await delay(2)
  }
  throw new Error(`partition ${index} took no records after the restart`)
}

/**
 * Fills a log, kills the broker with SIGKILL and starts it again on the same folder. Fails when an acknowledged record
 * is missing. The log is in the page cache and no part of it was synced, so all of it is to be checked.
 */
export const measureRecovery = async (system: System, { bytes, partitions }: RecoveryShape): Promise<Recovery> => {
  const [port] = (await freePorts(1)) as [number]
  const dataDir = makeDataDir(`${system.name}-recovery`)
  try {
    const commandLine = await system.command(port, dataDir)
    const batch = makeBatch(shape)
    const batches = Math.ceil(bytes / partitions / batch.length)
    const first = await launch(system.name, port, commandLine, system.spawnOptions)
    try {
      await createTopic(port, topic, partitions)
      const order: RunOrder = {
        load: { kind: "idle", connections: 0 },
        port,
        pid: 0,
        topic,
        warmUpMs: 0,
        measureMs: 0,
        dataDir
      }
      await fill(order, partitions, batches, batch)
    } finally {
      await first.end("SIGKILL")
    }
    const again = await launch(system.name, port, commandLine, system.spawnOptions)
    try {
      const offsets = [await produceUntilTaken(port, 0, batch)]
      const produceMs = performance.now() - again.startedAt
      for (let index = 1; index < partitions; index++) offsets.push(await produceUntilTaken(port, index, batch))
      const allPartitionsMs = performance.now() - again.startedAt
      const expected = BigInt(batches * shape.recordsPerBatch)
      const wrong = offsets.findIndex((offset) => offset !== expected)
      if (wrong >= 0) throw new Error(`partition ${wrong} came back with ${offsets[wrong]} of ${expected} records`)
      return { answerMs: again.startMs, produceMs, allPartitionsMs }
    } finally {
      await again.end("SIGKILL")
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}
