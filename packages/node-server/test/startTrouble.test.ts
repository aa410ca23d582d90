import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { Uuid } from "../../core/src/model/Uuid.ts"
import { CreateTopics } from "../../core/src/protocol/apis/CreateTopics.ts"
import { Produce } from "../../core/src/protocol/apis/Produce.ts"
import { buildBatch } from "../../core/src/protocol/records/RecordBatchBuilder.ts"
import * as RecordBatch from "../../core/src/protocol/records/RecordBatch.ts"
import { BrokerProcess } from "./crash/BrokerProcess.ts"
import { readPartition } from "./crash/crash.ts"
import { SocketClient } from "./crash/SocketClient.ts"

const main = Path.join(import.meta.dirname, "..", "src", "main.ts")
const root = Fs.mkdtempSync(Path.join(Os.tmpdir(), "kafka-broker-trouble-"))
const prepared = Path.join(root, "prepared")
const metadataLog = Path.join("__cluster_metadata-0", "00000000000000000000.log")
const batchesPerTopic = 20
let copies = 0

const produce = async (client: SocketClient, topic: string): Promise<number> => {
  const records = buildBatch([{ value: new Uint8Array(200).fill(65), timestamp: Date.now() }])
  const { responses } = await client.request(Produce, 11, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 10_000,
    topicData: [{ name: topic, topicId: Uuid.zero, partitionData: [{ index: 0, records }] }]
  })
  return responses[0]!.partitionResponses[0]!.errorCode
}

/** A copy of the prepared directory, changed by `damage`. */
const damagedCopy = (damage: (directory: string) => void): string => {
  const directory = Path.join(root, `copy-${copies++}`)
  Fs.cpSync(prepared, directory, { recursive: true })
  damage(directory)
  return directory
}

/**
 * Every file below a directory with its bytes, save for what any start may make again: the lock file, which is empty,
 * and indexes.
 */
const contents = (directory: string): Record<string, string> =>
  Object.fromEntries(
    Fs.readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== ".lock" && !entry.name.endsWith("index"))
      .map((entry) => Path.join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path, Fs.readFileSync(path, "hex")])
  )

const start = (directory: string, ...args: ReadonlyArray<string>) =>
  spawnSync(process.execPath, [main, "start", "--port", "0", "--data-dir", directory, ...args], {
    encoding: "utf8",
    timeout: 20_000
  })

/** The broker must not start, say why in one line that matches, and leave the directory as it is. */
const refuses = (directory: string, message: RegExp, ...args: ReadonlyArray<string>): void => {
  const before = Fs.existsSync(directory) && Fs.statSync(directory).isDirectory() ? contents(directory) : undefined
  const { status, stderr, stdout } = start(directory, ...args)
  assert.strictEqual(stdout, "")
  assert.match(stderr, /^kafka-broker: [^\n]+\n$/)
  assert.match(stderr, message)
  assert.strictEqual(status, 1)
  if (before !== undefined) assert.deepStrictEqual(contents(directory), before)
}

/** Flips bytes of a file from a position on. */
const flip = (path: string, at: number, count = 4): void => {
  const bytes = Fs.readFileSync(path)
  for (let i = at; i < at + count; i++) bytes[i]! ^= 0xff
  Fs.writeFileSync(path, bytes)
}

beforeAll(async () => {
  const broker = await BrokerProcess.start(prepared)
  const client = await SocketClient.connect(broker.port)
  for (const name of ["one", "two"]) {
    await client.request(CreateTopics, 7, {
      topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }]
    })
  }
  for (let i = 0; i < batchesPerTopic; i++) for (const topic of ["one", "two"]) await produce(client, topic)
  await broker.end("SIGKILL")
}, 60_000)

afterAll(() => Fs.rmSync(root, { recursive: true, force: true }))

describe("a broker that cannot start", { timeout: 60_000 }, () => {
  it("says that the directory is another node's", () => {
    refuses(damagedCopy(() => {}), /node/i, "--node-id", "2")
  })

  it("says that it does not know the old or a broken meta.properties", () => {
    const write = (text: string) => (directory: string) =>
      Fs.writeFileSync(Path.join(directory, "meta.properties"), text)
    refuses(damagedCopy(write("version=0\nbroker.id=1\n")), /meta\.properties/)
    refuses(damagedCopy(write("no properties at all")), /meta\.properties/)
    refuses(damagedCopy(write("")), /meta\.properties/)
  })

  it("says where the metadata log is damaged", () => {
    const inTheMiddle = (directory: string) => flip(Path.join(directory, metadataLog), 100)
    refuses(damagedCopy(inTheMiddle), /__cluster_metadata-0/)
  })

  it("says that the data directory is no directory, or cannot be made", () => {
    const file = Path.join(root, "file")
    Fs.writeFileSync(file, "x")
    refuses(file, /not a directory/)
    refuses(Path.join(file, "below"), /file/)
    refuses("/proc/kafka-broker", /proc/)
  })
})

describe("a broker on damaged files", { timeout: 60_000 }, () => {
  const withBroker = async (
    directory: string,
    use: (client: SocketClient, broker: BrokerProcess) => Promise<void>
  ): Promise<void> => {
    const broker = await BrokerProcess.start(directory)
    try {
      await use(await SocketClient.connect(broker.port), broker)
    } finally {
      await broker.end("SIGKILL")
    }
  }

  it("takes a partition with damage in its middle out of service, says where, and deletes nothing", async () => {
    const log = Path.join("one-0", "00000000000000000000.log")
    let position = 0
    const directory = damagedCopy((copy) => {
      const path = Path.join(copy, log)
      const bytes = Fs.readFileSync(path)
      for (let i = 0; i < batchesPerTopic / 2; i++) position += RecordBatch.batchSizeBytes(bytes, position)
      flip(path, position + 80)
    })
    const before = Fs.readFileSync(Path.join(directory, log), "hex")
    await withBroker(directory, async (client, broker) => {
      assert.strictEqual(await produce(client, "one"), 56)
      const failed = await readPartition(client, "one", 0).then(() => "served", (error) => String(error))
      assert.match(failed, /: 56$/)
      assert.strictEqual(await produce(client, "two"), 0)
      assert.lengthOf(await readPartition(client, "two", 0), batchesPerTopic + 1)
      assert.include(broker.log, `${log} is damaged at byte ${position}`)
    })
    assert.strictEqual(Fs.readFileSync(Path.join(directory, log), "hex"), before)
  })

  it("serves all that is whole before a torn end, and goes on from there", async () => {
    const log = Path.join("one-0", "00000000000000000000.log")
    for (const cut of [1, 40, 61, 268]) {
      const directory = damagedCopy((copy) => {
        const path = Path.join(copy, log)
        Fs.truncateSync(path, Fs.statSync(path).size - cut)
      })
      await withBroker(directory, async (client) => {
        assert.lengthOf(await readPartition(client, "one", 0), batchesPerTopic - 1, `${cut} bytes cut`)
        assert.strictEqual(await produce(client, "one"), 0)
        assert.lengthOf(await readPartition(client, "one", 0), batchesPerTopic)
      })
    }
  })
})
