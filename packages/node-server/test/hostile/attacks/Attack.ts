import { CreateTopics } from "../../../../core/src/protocol/apis/CreateTopics.ts"
import { Uuid } from "../../../../core/src/model/Uuid.ts"
import { SocketClient } from "../../crash/SocketClient.ts"
import { Peer } from "../Peer.ts"

/** What an attack has to work with. */
export interface Field {
  readonly port: number
  /** Draws from 0 up to `below`. */
  readonly draw: (below: number) => number
  /** Whether its time is up. */
  readonly isOver: () => boolean
}

/** One way to keep a broker from serving others. */
export interface Attack {
  /** The entry of the trial that it repeats. */
  readonly kind: "A1" | "A2" | "A3" | "A4"
  readonly name: string
  /** Makes what must be there before, and gives what is done. */
  readonly prepare: (field: Field) => Promise<() => Promise<void>>
}

export const MIB = 1024 * 1024

export const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs))

export type Configs = Readonly<Record<string, string>>

export const createTopics = async (
  port: number,
  names: ReadonlyArray<string>,
  partitions = 1,
  configs: Configs = {}
) => {
  const client = await SocketClient.connect(port)
  for (let from = 0; from < names.length; from += 500) {
    const { topics } = await client.request(CreateTopics, 6, {
      timeoutMs: 60_000,
      validateOnly: false,
      topics: names.slice(from, from + 500).map((name) => ({
        name,
        numPartitions: partitions,
        replicationFactor: 1,
        assignments: [],
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value }))
      }))
    })
    const failed = topics.find(({ errorCode }) => errorCode !== 0)
    if (failed !== undefined) throw new Error(`${failed.name}: error ${failed.errorCode}`)
  }
  client.close()
}

export const produceOf = (topic: string, batches: ReadonlyArray<Uint8Array>, acks = 1) => ({
  transactionalId: null,
  acks,
  timeoutMs: 30_000,
  topicData: [{
    name: topic,
    topicId: Uuid.zero,
    partitionData: batches.map((records, index) => ({ index, records }))
  }]
})

export const connectMany = async (port: number, count: number): Promise<ReadonlyArray<Peer>> => {
  const peers: Array<Peer> = []
  for (let i = 0; i < count; i += 50) {
    peers.push(...await Promise.all(Array.from({ length: Math.min(50, count - i) }, () => Peer.connect(port))))
  }
  return peers
}

/** Does it again until time is up; ends the peers. */
export const untilOver = async (
  field: Field,
  peers: ReadonlyArray<Peer>,
  again?: () => Promise<unknown>
): Promise<void> => {
  while (!field.isOver()) await (again === undefined ? pause(50) : Promise.race([again(), pause(1000)]))
  for (const peer of peers) peer.destroy()
}
