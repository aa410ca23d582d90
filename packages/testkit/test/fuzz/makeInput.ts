import { Uuid } from "../../../core/src/model/Uuid.ts"
import { type AnyApi, requestHeaderVersion } from "../../../core/src/protocol/schema/defineApi.ts"
import { ByteWriter } from "../../../core/src/protocol/wire/ByteWriter.ts"
import { encodeMarked } from "./encodeMarked.ts"
import { mutate, replaced } from "./mutate.ts"
import { Prng } from "./Prng.ts"
import { type FuzzWorld, madeTopics, randomStruct } from "./randomRequest.ts"

const writer = new ByteWriter()

/** A request frame with its size prefix around the given body. */
const frameOf = (api: AnyApi, version: number, correlationId: number, body: Uint8Array): Uint8Array => {
  writer.beginFrame()
  writer.int16(api.key)
  writer.int16(version)
  writer.int32(correlationId)
  writer.nullableString("fuzz")
  if (requestHeaderVersion(api, version) === 2) writer.int8(0)
  for (const byte of body) writer.int8(byte)
  writer.endFrame()
  return writer.finishBytes().slice()
}

/** APIs after which a topic takes little or nothing more; they go at the topics that other requests made. */
const ruinous = new Set(["DeleteTopics", "AlterConfigs", "IncrementalAlterConfigs", "DeleteRecords"])

const bodyOf = (api: AnyApi, version: number, prng: Prng, known: FuzzWorld): Uint8Array => {
  const world = ruinous.has(api.name) && !prng.once(1_500)
    ? { ...known, topics: madeTopics, topicIds: [Uuid.zero] }
    : known
  const { bytes, marks } = encodeMarked(api.request, version, randomStruct(api.request.fields, version, prng, world))
  const kind = prng.below(10)
  if (kind < 4) return bytes
  if (kind === 4) return prng.bytes(prng.below(80))
  return mutate(prng, bytes, marks, () => prng.bytes(prng.below(200)))
}

/** Damages the stream instead of a body: the size prefix, the header, or the number of bytes that follow. */
const damageFrame = (prng: Prng, frame: Uint8Array): Uint8Array => {
  switch (prng.below(6)) {
    case 0:
      return replaced(frame, 0, 4, Array.from(prng.bytes(4)))
    case 1: {
      const size = prng.pick([-1, 0, 1, 3, 4, 8, 0x7fff_ffff, 100 * 1024 * 1024, frame.length, 512 * 1024])
      return replaced(frame, 0, 4, [size >>> 24, (size >>> 16) & 0xff, (size >>> 8) & 0xff, size & 0xff])
    }
    case 2:
      return frame.slice(0, prng.below(frame.length))
    case 3:
      return replaced(frame, prng.between(4, 15), 1, [prng.below(256)])
    case 4:
      return replaced(frame, frame.length, 0, Array.from(prng.bytes(prng.between(1, 30))))
    default:
      return prng.bytes(prng.below(60))
  }
}

/** What is written to a connection at once, in one or more chunks. */
export type FuzzInput = ReadonlyArray<Uint8Array>

/** Input number `index` of the run `seed`: the same for the same seed, whatever came before it. */
export const makeInput = (apis: ReadonlyArray<AnyApi>, world: FuzzWorld, seed: number, index: number): FuzzInput => {
  const prng = new Prng(seed, index)
  const frames: Array<Uint8Array> = []
  for (let i = prng.once(12) ? prng.between(2, 6) : 1; i > 0; i--) {
    const api = prng.once(4) ? apis.find(({ name }) => name === "Produce")! : prng.pick(apis)
    const version = prng.between(api.versions.min, api.versions.max)
    frames.push(frameOf(api, version, (index << 3) | i, bodyOf(api, version, prng, world)))
  }
  const last = frames.length - 1
  if (prng.once(12)) frames[last] = damageFrame(prng, frames[last]!)
  if (!prng.once(12)) return frames
  const frame = frames.pop()!
  const cut = prng.below(frame.length + 1)
  return [...frames, frame.subarray(0, cut), frame.subarray(cut)]
}
