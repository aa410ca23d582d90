/**
 * Fills the file system of a directory: `node fullDisk.ts DIR`, where DIR lies on a small one, such as a tmpfs of 8 MiB.
 * Producers must be told, readers served, everything must go on once there is room, without a start or after one, and
 * all that was confirmed must be there.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { Uuid } from "../../../core/src/model/Uuid.ts"
import { CreateTopics } from "../../../core/src/protocol/apis/CreateTopics.ts"
import { Produce } from "../../../core/src/protocol/apis/Produce.ts"
import { buildBatch } from "../../../core/src/protocol/records/RecordBatchBuilder.ts"
import { BrokerProcess } from "./BrokerProcess.ts"
import { readPartition } from "./crash.ts"
import { PartitionHistory } from "./PartitionHistory.ts"
import { SocketClient } from "./SocketClient.ts"

const storageError = 56
const topic = "full"
const root = process.argv[2]
if (root === undefined) throw new Error("usage: node fullDisk.ts DIR")
const ballast = Path.join(root, "ballast")
const data = Path.join(root, "data")
const history = new PartitionHistory()
let counter = 0

const create = async (client: SocketClient, name: string): Promise<number> => {
  const { topics } = await client.request(CreateTopics, 7, {
    topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }]
  })
  return topics[0]!.errorCode
}

const produce = async (client: SocketClient): Promise<number> => {
  const value = `full:${counter++}:${"x".repeat(50_000)}`
  history.send([value])
  const records = buildBatch([{ value: new TextEncoder().encode(value), timestamp: Date.now() }])
  const { responses } = await client.request(Produce, 11, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 10_000,
    topicData: [{ name: topic, topicId: Uuid.zero, partitionData: [{ index: 0, records }] }]
  })
  const { baseOffset, errorCode } = responses[0]!.partitionResponses[0]!
  if (errorCode === 0) history.acknowledge(baseOffset, [value])
  return errorCode
}

const check = async (client: SocketClient): Promise<void> => {
  const problem = history.check(await readPartition(client, topic, 0))
  if (problem !== undefined) throw new Error(problem)
}

const expect = (what: string, found: unknown, wanted: unknown): void => {
  if (found !== wanted) throw new Error(`${what}: ${String(found)}, not ${String(wanted)}`)
  console.log(`${what}: ${String(found)}`)
}

const writeBallast = (mebibytes: number): void => Fs.writeFileSync(ballast, new Uint8Array(mebibytes * 1024 * 1024))

const fill = async (client: SocketClient): Promise<void> => {
  let errorCode = 0
  while (errorCode === 0) errorCode = await produce(client)
  expect("producing on the full disk", errorCode, storageError)
  expect("producing again", await produce(client), storageError)
  await check(client)
  console.log(`reading on the full disk: ${history.acknowledgedCount} records confirmed and there`)
}

/** Takes what a small batch would still fit into, and then has topics made until one is refused. */
const fillMetadata = async (client: SocketClient, prefix: string): Promise<void> => {
  const file = Fs.openSync(Path.join(root, "crumbs"), "a")
  try {
    for (;;) Fs.writeSync(file, new Uint8Array(512))
  } catch {
    Fs.closeSync(file)
  }
  let errorCode = 0
  let count = 0
  while (errorCode === 0) errorCode = await create(client, `${prefix}-${count++}`)
  expect(`creating topic ${count} on the full disk`, errorCode, storageError)
  expect("creating it again", await create(client, `${prefix}-${count - 1}`), storageError)
  await check(client)
}

const free = (): void => {
  for (const file of [ballast, Path.join(root, "crumbs")]) Fs.rmSync(file, { force: true })
}

free()
writeBallast(2)
const broker = await BrokerProcess.start(data)
const first = await SocketClient.connect(broker.port)
expect("creating the topic", await create(first, topic), 0)
await fill(first)
await fillMetadata(first, "refused")
free()
expect("producing with room again, in the same process", await produce(first), 0)
expect("creating a topic, in the same process", await create(first, "made"), 0)
await check(first)
writeBallast(1)
await fill(first)
await fillMetadata(first, "refused-again")
await broker.end(process.argv[3] === "--stop" ? "SIGTERM" : "SIGKILL")
console.log(broker.log)
const refused = await BrokerProcess.start(data).then((second) => second, (error) => String(error))
if (typeof refused === "string") console.log(`a start on the full disk: ${refused}`)
else {
  console.log(`a start on the full disk serves`)
  await check(await SocketClient.connect(refused.port))
  await refused.end("SIGKILL")
  console.log(refused.log)
}
free()
const again = await BrokerProcess.start(data)
const client = await SocketClient.connect(again.port)
await check(client)
expect("producing with room again", await produce(client), 0)
await check(client)
console.log(`${history.acknowledgedCount} records confirmed and kept`)
await again.end("SIGTERM")
