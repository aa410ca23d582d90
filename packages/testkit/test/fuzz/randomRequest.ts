import { Uuid } from "../../../core/src/model/Uuid.ts"
import type { CompressionCodecs } from "../../../core/src/protocol/records/Compression.ts"
import { type Fields, type FieldType, isNullable, isPresent } from "../../../core/src/protocol/schema/FieldType.ts"
import type { Prng } from "./Prng.ts"
import { randomBatch } from "./randomBatch.ts"
import { randomMessageSet } from "./randomMessageSet.ts"

/** What the generator knows of the broker, so that requests get past the first check. */
export interface FuzzWorld {
  readonly topics: ReadonlyArray<string>
  /** Their ids, as text. */
  readonly topicIds: ReadonlyArray<string>
  readonly codecs: CompressionCodecs
}

/** Topics that only fuzzed requests make. */
export const madeTopics = ["made-0", "made-1", "made-2", "made.3", "made_3"]
const oddNames = ["", ".", "..", "a/b", "x".repeat(250), "schön", "__consumer_offsets", "\u0000", "a b", "\u{1f980}"]
const configNames = [
  "retention.ms",
  "segment.bytes",
  "cleanup.policy",
  "max.message.bytes",
  "compression.type",
  "message.timestamp.type",
  "min.insync.replicas",
  "no.such.key"
]
const configValues = ["1", "0", "-1", "compact", "delete", "gzip", "LogAppendTime", "1048576", "x", "9".repeat(30), ""]
const groups = ["g-0", "g-1", ""]

const names = (prng: Prng, world: FuzzWorld): string =>
  prng.once(12) ? prng.pick(oddNames) : prng.once(6) ? prng.pick(madeTopics) : prng.pick(world.topics)

const partitionIndex = (prng: Prng): number => prng.once(12) ? prng.pick([-1, -2, 7, 0x7fff_ffff]) : prng.below(3)
const partitionCount = (prng: Prng): number =>
  prng.once(200) ? prng.pick([0x7fff_ffff, 10_001, -2]) : prng.between(-1, 3)
const waitMs = (prng: Prng): number => prng.once(12) ? prng.pick([-1, 50, 0x7fff_ffff]) : prng.below(2)
const offset = (prng: Prng): number => prng.once(6) ? prng.pick([-1, -2, -3, 2 ** 53, -(2 ** 53)]) : prng.below(20)

type Named = (prng: Prng, world: FuzzWorld) => unknown

/** Values by field name, where a random one would say nothing to the broker. */
const byName: Readonly<Record<string, Named>> = {
  topic: names,
  name: names,
  topicName: names,
  resourceName: names,
  topicNames: names,
  subscribedTopicNames: names,
  partition: partitionIndex,
  partitionIndex,
  index: partitionIndex,
  partitions: partitionIndex,
  partitionIndexes: partitionIndex,
  numPartitions: partitionCount,
  count: partitionCount,
  replicationFactor: (prng) => prng.once(8) ? prng.pick([0, 2, -2]) : prng.pick([1, -1]),
  brokerIds: (prng) => prng.once(8) ? prng.between(-1, 3) : 1,
  timeoutMs: waitMs,
  maxWaitMs: waitMs,
  acks: (prng) => prng.pick([1, 1, -1, -1, 0, 2, -2]),
  minBytes: (prng) => prng.once(8) ? prng.pick([-1, 0x7fff_ffff]) : prng.below(3),
  maxBytes: (prng) => prng.once(8) ? prng.pick([-1, 0, 1]) : 1 << prng.between(8, 24),
  partitionMaxBytes: (prng) => prng.once(8) ? prng.pick([-1, 0, 1]) : 1 << prng.between(8, 24),
  fetchOffset: offset,
  offset,
  timestamp: (prng) => prng.pick([-1, -2, -3, -4, -5, 0, 1_700_000_000_500]),
  replicaId: (prng) => prng.once(10) ? prng.between(-3, 2) : -1,
  topicId: (prng, world) => prng.once(6) ? Uuid.zero : prng.pick(world.topicIds),
  sessionId: (prng) => prng.once(2) ? 0 : prng.below(4),
  sessionEpoch: (prng) => prng.pick([-1, -1, 0, 1, 0x7fff_ffff]),
  transactionalId: (prng) => prng.once(6) ? prng.pick(["tx", ""]) : null,
  resourceType: (prng) => prng.once(6) ? prng.between(-2, 127) : prng.pick([2, 2, 2, 4, 8]),
  configName: (prng) => prng.pick(configNames),
  value: (prng) => prng.pick(configValues),
  configOperation: (prng) => prng.between(-1, 4),
  groupId: (prng) => prng.pick(groups),
  keyType: (prng) => prng.between(-1, 3),
  sessionTimeoutMs: () => 6_000,
  rebalanceTimeoutMs: () => 300
}

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  int8: [-0x80, 0x7f],
  int16: [-0x8000, 0x7fff],
  uint16: [0, 0xffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
  uint32: [0, 0xffff_ffff],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]
}

const randomPrimitive = (primitive: string, version: number, prng: Prng, world: FuzzWorld): unknown => {
  switch (primitive) {
    case "boolean":
      return prng.once(2)
    case "string":
      return prng.once(4) ? prng.pick(oddNames) : names(prng, world)
    case "uuid":
      return Uuid.fromBytes(prng.bytes(16))
    case "bytes":
      return prng.bytes(prng.below(40))
    case "records":
      // Only Produce has records; before version 3 they are messages of the old formats.
      return version < 3 ? randomMessageSet(prng, world.codecs) : randomBatch(prng, world.codecs)
    case "float64":
      return prng.below(1_000) / 8
    default: {
      const [min, max] = ranges[primitive]!
      return prng.pick([min, max, 0, 1, prng.below(100)])
    }
  }
}

const randomField = (
  field: FieldType<any, any, boolean>,
  name: string,
  version: number,
  prng: Prng,
  world: FuzzWorld
): unknown => {
  const { type } = field.state
  if (name !== "topics" && isNullable(field, version) && prng.once(6)) return null
  switch (type.kind) {
    case "array": {
      const length = prng.once(3) ? prng.below(4) : 1
      return Array.from({ length }, () => randomField(type.element, name, version, prng, world))
    }
    case "struct":
      return randomStruct(type.fields, version, prng, world, name)
    case "primitive": {
      const named = byName[name]
      return named === undefined || prng.once(40)
        ? randomPrimitive(type.primitive, version, prng, world)
        : fitting(named(prng, world), field, type.primitive, version, prng, world)
    }
  }
}

/** A named value, where the field is of its type; some names are used for several things. */
const fitting = (
  value: unknown,
  field: FieldType<any, any, boolean>,
  primitive: string,
  version: number,
  prng: Prng,
  world: FuzzWorld
): unknown => {
  if (value === null) return isNullable(field, version) ? null : randomPrimitive(primitive, version, prng, world)
  const isText = primitive === "string" || primitive === "uuid"
  if (isText !== (typeof value === "string") || primitive === "bytes" || primitive === "boolean") {
    return randomPrimitive(primitive, version, prng, world)
  }
  if (isText) return value
  const [min, max] = ranges[primitive]!
  return Math.max(min, Math.min(max, value as number))
}

/** A random request body: every field of the version has a value that the encoder takes. */
export const randomStruct = (
  fields: Fields,
  version: number,
  prng: Prng,
  world: FuzzWorld,
  parent = ""
): Record<string, unknown> => {
  const value: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) {
    if (!isPresent(field, version)) continue
    if (field.state.tag !== undefined && prng.once(2)) continue
    const known = name === "name" && (parent === "configs" || parent === "configurationKeys") ? "configName" : name
    value[name] = randomField(field, known, version, prng, world)
  }
  return value
}
