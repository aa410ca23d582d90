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
    refuses(damagedCopy(write("no properties at all")), /meta\.properties: it is damaged: it has no version/)
    refuses(
      damagedCopy(write(String.fromCharCode(...Array.from({ length: 200 }, (_, i) => (i * 89) % 256)))),
      /damaged/
    )
    refuses(damagedCopy(write("version=2\n")), /version 2 is not known/)
    refuses(damagedCopy(write("")), /meta\.properties/)
  })

  it("says where the metadata log is damaged", () => {
    const inTheMiddle = (directory: string) => flip(Path.join(directory, metadataLog), 100)
    refuses(damagedCopy(inTheMiddle), /__cluster_metadata-0/)
  })

  it("says that the number of partitions of an internal topic is not known without the metadata log", () => {
    const withOffsets = (directory: string) => {
      Fs.renameSync(Path.join(directory, "one-0"), Path.join(directory, "__consumer_offsets-13"))
      Fs.rmSync(Path.join(directory, "__cluster_metadata-0"), { recursive: true })
    }
    const { status, stderr } = start(damagedCopy(withOffsets))
    assert.strictEqual(status, 1)
    assert.match(stderr, /kafka-broker: There is no metadata log, and the number of partitions of __consumer_offsets/)
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

  /** Both topics: `one` as the damage leaves it, `two` must be served as ever. */
  const oneIsOffline = (damage: (directory: string) => void, line: RegExp) =>
    withBroker(damagedCopy(damage), async (client, broker) => {
      assert.strictEqual(await produce(client, "one"), 56)
      const failed = await readPartition(client, "one", 0).then(() => "served", (error) => String(error))
      assert.match(failed, /: 56$/)
      assert.strictEqual(await produce(client, "two"), 0)
      const lines = broker.log.split("\n").filter((each) => line.test(each))
      assert.isAtLeast(lines.length, 1, broker.log)
      assert.notInclude(broker.log, "    at ")
    })

  it("takes a partition offline whose directory is gone, is no directory, or leads nowhere", async () => {
    const gone = (directory: string) => Fs.rmSync(Path.join(directory, "one-0"), { recursive: true })
    const one = (directory: string) => Path.join(directory, "one-0")
    await oneIsOffline((directory) => {
      gone(directory)
      Fs.writeFileSync(Path.join(directory, "recovery-point-offset-checkpoint"), "0\n1\none 0 20\n")
    }, /ERROR one-0 is offline: one-0 is gone: recovery-point-offset-checkpoint knows it up to offset 20/)
    await oneIsOffline((directory) => {
      gone(directory)
      Fs.writeFileSync(one(directory), "")
    }, /ERROR one-0 is no directory/)
    await oneIsOffline((directory) => {
      gone(directory)
      Fs.symlinkSync(Path.join(root, "nowhere"), one(directory))
    }, /ERROR one-0 is no directory/)
  })

  it.skipIf(process.getuid?.() === 0)("takes a partition offline whose directory may not be read", () =>
    oneIsOffline(
      (directory) => Fs.chmodSync(Path.join(directory, "one-0"), 0),
      /ERROR one-0 is offline: cannot .*permission denied/
    ))

  it("takes a partition offline that has less than its recovery point says", () =>
    oneIsOffline((directory) => {
      Fs.writeFileSync(Path.join(directory, "recovery-point-offset-checkpoint"), "0\n1\none 0 21\n")
    }, /one-0 is out of service: one-0 ends at offset 20, but records below 21 were synced/))

  it("follows a link to a partition on another volume", async () => {
    const directory = damagedCopy((copy) => {
      Fs.renameSync(Path.join(copy, "one-0"), `${copy}-elsewhere`)
      Fs.symlinkSync(`${copy}-elsewhere`, Path.join(copy, "one-0"))
    })
    await withBroker(directory, async (client) => {
      assert.lengthOf(await readPartition(client, "one", 0), batchesPerTopic)
      assert.strictEqual(await produce(client, "one"), 0)
      assert.lengthOf(await readPartition(client, "one", 0), batchesPerTopic + 1)
    })
  })

  it("renames a log that no topic has, as Kafka does, and says so", async () => {
    const directory = damagedCopy((copy) =>
      Fs.cpSync(Path.join(copy, "one-0"), Path.join(copy, "three-0"), { recursive: true })
    )
    await withBroker(directory, async (client, broker) => {
      assert.match(
        broker.log,
        /WARN three-0 is not a log of this broker and was renamed to three-0\.[0-9a-f]{32}-stray: the topic id .* is that of one/
      )
      assert.lengthOf(await readPartition(client, "one", 0), batchesPerTopic)
    })
    assert.isFalse(Fs.existsSync(Path.join(directory, "three-0")))
  })

  it("adopts topics line by line where there is no metadata log", async () => {
    const directory = damagedCopy((copy) => Fs.rmSync(Path.join(copy, "__cluster_metadata-0"), { recursive: true }))
    await withBroker(directory, async (client, broker) => {
      for (const topic of ["one", "two"]) {
        assert.match(
          broker.log,
          new RegExp(`WARN ${topic} is adopted with id .* and 1 partitions by the highest log found`)
        )
        assert.lengthOf(await readPartition(client, topic, 0), batchesPerTopic)
      }
    })
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

describe("verify and repair", { timeout: 60_000 }, () => {
  const run = (...args: ReadonlyArray<string>) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [main, ...args], {
      encoding: "utf8",
      timeout: 20_000
    })
    return { status, lines: stdout.split("\n").filter((line) => line !== ""), problem: stderr.trim() }
  }

  it("say whether a directory is sound by their exit code, and mend it when told how", () => {
    const directory = damagedCopy(() => {})
    const sound = run("verify", directory)
    assert.deepStrictEqual([sound.status, sound.problem], [0, ""])
    assert.match(sound.lines.at(-1)!, /^sound: 2 partitions, \d+ bytes checked$/)
    flip(Path.join(directory, "one-0", "00000000000000000000.log"), 80)
    const before = contents(directory)
    const looked = run("repair", directory)
    assert.strictEqual(looked.status, 1)
    assert.match(looked.problem, /^kafka-broker: not sound: 1 findings; 2 partitions, \d+ bytes checked$/)
    assert.deepStrictEqual(looked.lines, [
      "damage: one-0/00000000000000000000.log at byte 0: the CRC of a batch does not match",
      "  --truncate: the log ends at offset 0; all from there on is cut, damaged or not",
      "  --skip: offsets 0 to 0 are given up, all others are kept"
    ])
    assert.deepStrictEqual(contents(directory), before)
    const mended = run("repair", directory, "--skip")
    assert.strictEqual(mended.status, 0, mended.problem)
    assert.strictEqual(run("verify", directory).status, 0)
    assert.include(Fs.readdirSync(Path.join(directory, "one-0", "lost+found")), "00000000000000000000.log.0")
  })

  it("say in one line what is wrong with what they were given", () => {
    assert.match(run("verify", Path.join(root, "nowhere")).problem, /^kafka-broker: .*nowhere is no directory$/)
    assert.match(run("repair", damagedCopy(() => {}), "--partitions", "x").problem, /topic=count is wanted/)
  })
})
