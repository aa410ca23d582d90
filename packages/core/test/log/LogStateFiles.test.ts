import { assert, describe, it } from "@effect/vitest"
import { LeaderEpochs } from "../../src/log/LeaderEpochs.ts"
import { offsetName, offsetOf, parseDirectoryName } from "../../src/log/LogFileNames.ts"
import { formatMetaProperties, parseMetaProperties } from "../../src/log/MetaProperties.ts"
import { formatOffsetCheckpoint, parseOffsetCheckpoint } from "../../src/log/OffsetCheckpoint.ts"
import { OffsetIndex } from "../../src/log/OffsetIndex.ts"
import { formatPartitionMetadata, parsePartitionMetadata } from "../../src/log/PartitionMetadata.ts"
import { TimeIndex } from "../../src/log/TimeIndex.ts"

describe("file names", () => {
  it("are 20 digits and a suffix, nothing else", () => {
    assert.strictEqual(offsetName(42), "00000000000000000042")
    assert.strictEqual(offsetOf("00000000000000000042.log", ".log"), 42)
    for (const name of ["42.log", "00000000000000000042.log.swap", "0000000000000000004x.log", ".log"]) {
      assert.strictEqual(offsetOf(name, ".log"), undefined, name)
    }
  })

  it("partition directories split at the last dash, and tell those awaiting deletion", () => {
    assert.deepStrictEqual(parseDirectoryName("a-b.c-12"), { topic: "a-b.c", partition: 12, kind: "Live" })
    const unique = "0123456789abcdef0123456789abcdef"
    for (const [suffix, kind] of [["delete", "Delete"], ["future", "Future"], ["stray", "Stray"]] as const) {
      assert.deepStrictEqual(parseDirectoryName(`t-0.${unique}-${suffix}`), { topic: "t", partition: 0, kind })
    }
    for (const name of ["topic", "-1", "t-", "t-x", "t-99999999999", "t-4294967296", "lost+found"]) {
      assert.strictEqual(parseDirectoryName(name), undefined, name)
    }
  })
})

describe("partition.metadata", () => {
  it("has no newline at the end, and a padded id is read", () => {
    const id = "Wq3l0jPlT2m3rKQkNQXb5A"
    assert.strictEqual(formatPartitionMetadata(id), `version: 0\ntopic_id: ${id}`)
    assert.strictEqual(parsePartitionMetadata(`version: 0\ntopic_id: ${id}`), id)
    assert.strictEqual(parsePartitionMetadata(`version: 0\ntopic_id: ${id}==\n`), id)
    for (
      const text of ["", `version: 1\ntopic_id: ${id}`, "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA", "version: 0"]
    ) {
      assert.strictEqual(parsePartitionMetadata(text), undefined, text)
    }
  })
})

describe("offset checkpoints", () => {
  it("hold an offset per partition, and are not read when they are damaged", () => {
    const offsets = new Map([["a-b-3", 7], ["t-0", 2 ** 45]])
    const text = formatOffsetCheckpoint(offsets)
    assert.strictEqual(text, `0\n2\na-b 3 7\nt 0 ${2 ** 45}\n`)
    assert.deepStrictEqual(parseOffsetCheckpoint(text), offsets)
    for (
      const bad of [
        "",
        "0",
        "1\n0\n",
        "0\n3\na 0 1\n",
        "0\nx\n",
        "0\n2\na 0 1\na 1 -5\n",
        "0\n1\na 0 9007199254740992\n"
      ]
    ) {
      assert.strictEqual(parseOffsetCheckpoint(bad), undefined, bad)
    }
  })
})

describe("meta.properties", () => {
  it("is read back, in any order and with Java's escapes", () => {
    const properties = { clusterId: "c", nodeId: 3, directoryId: "d" }
    assert.deepStrictEqual(parseMetaProperties(formatMetaProperties(properties)), properties)
    const foreign = "#Sat\nversion=1\n cluster.id = c\\=d\nnode.id: 3\n"
    assert.deepStrictEqual(parseMetaProperties(foreign), { clusterId: "c=d", nodeId: 3, directoryId: undefined })
  })

  it("of another format is refused with the reason", () => {
    assert.include(parseMetaProperties("broker.id=1\nversion=0\n") as string, "ZooKeeper")
    assert.include(parseMetaProperties("broker.id=1\n") as string, "ZooKeeper")
    assert.include(parseMetaProperties("version=2\n") as string, "version 2")
    assert.include(parseMetaProperties("version=1\nnode.id=1\n") as string, "cluster.id")
    assert.include(parseMetaProperties("version=1\ncluster.id=c\n") as string, "node.id")
  })
})

describe("LeaderEpochs", () => {
  const epochs = (...entries: ReadonlyArray<readonly [number, number]>): LeaderEpochs => {
    const made = new LeaderEpochs()
    for (const [epoch, startOffset] of entries) made.note(epoch, startOffset)
    return made
  }

  it("only grow; an epoch that begins where others did replaces them", () => {
    assert.strictEqual(epochs([1, 0], [1, 5], [0, 9]).format(), "0\n1\n1 0\n")
    assert.strictEqual(epochs([1, 0], [2, 5], [3, 5]).format(), "0\n2\n1 0\n3 5\n")
  })

  it("are cut at both ends", () => {
    const made = epochs([1, 0], [2, 5], [4, 9])
    assert.isTrue(made.truncateFromStart(6))
    assert.strictEqual(made.format(), "0\n2\n2 6\n4 9\n")
    assert.isFalse(made.truncateFromStart(6))
    assert.isTrue(made.truncateFromEnd(9))
    assert.strictEqual(made.format(), "0\n1\n2 6\n")
    assert.isFalse(made.truncateFromEnd(9))
  })

  it("a damaged file is known as such", () => {
    assert.strictEqual(LeaderEpochs.parse("0\n1\n0 5\n")?.latestEpoch, 0)
    for (const text of ["", "0\n2\n0 5\n", "0\n1\nx 5\n"]) assert.strictEqual(LeaderEpochs.parse(text), undefined)
  })
})

describe("indexes", () => {
  it("an offset index finds the last entry at or below, and keeps its entries through its file", () => {
    const index = new OffsetIndex()
    for (let i = 1; i <= 100; i++) index.append(i * 10, i * 5000)
    const read = OffsetIndex.decode(index.encode(), 1_000_000)!
    for (const [offset, position] of [[0, 0], [9, 0], [10, 5000], [19, 5000], [20, 10_000], [5000, 500_000]] as const) {
      assert.strictEqual(index.lookup(offset), position)
      assert.strictEqual(read.lookup(offset), position)
    }
    assert.strictEqual(index.encode(99).length, 8)
  })

  it("an offset index that cannot be of its segment is refused, zeros at the end are not entries", () => {
    const index = new OffsetIndex()
    index.append(10, 5000)
    index.append(20, 9000)
    const padded = new Uint8Array(80)
    padded.set(index.encode())
    assert.strictEqual(OffsetIndex.decode(padded, 10_000)?.entryCount, 2)
    assert.strictEqual(OffsetIndex.decode(padded, 9000), undefined)
    index.append(15, 9500)
    assert.strictEqual(OffsetIndex.decode(index.encode(), 10_000), undefined)
    assert.strictEqual(OffsetIndex.decode(new Uint8Array(80), 10_000)?.entryCount, 0)
  })

  it("a time index only grows in time, and survives its file and preallocation", () => {
    const index = new TimeIndex()
    for (const [timestamp, offset] of [[100, 3], [100, 5], [90, 7], [200, 9]] as const) {
      index.maybeAppend(timestamp, offset)
    }
    assert.strictEqual(index.entryCount, 2)
    const padded = new Uint8Array(120)
    padded.set(index.encode())
    const read = TimeIndex.decode(padded)!
    assert.strictEqual(read.entryCount, 2)
    assert.deepStrictEqual([99, 100, 199, 200].map((timestamp) => read.lookup(timestamp)), [0, 3, 3, 9])
    assert.strictEqual(TimeIndex.decode(new Uint8Array(120))?.entryCount, 0)
    assert.strictEqual(TimeIndex.decode(padded.copyWithin(12, 0, 12)), undefined)
  })
})
