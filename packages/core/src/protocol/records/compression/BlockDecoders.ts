/**
 * The block decoders of LZ4 and Snappy as WebAssembly, three to four times as fast as in TypeScript, over one memory
 * for the whole process. The memory is used again for every call: what is decoded in it is read, or copied out, before
 * the next call. See `docs/decisions/0012-block-decoders-as-webassembly.md`.
 */
import type { OutputMemory } from "./OutputMemory.ts"
import { lz4BlockFunction } from "./Lz4BlockWasm.ts"
import { snappyBlockFunction } from "./SnappyBlockWasm.ts"
import { assemble } from "./WasmAssembler.ts"
import { COPY_OVERSHOOT_BYTES } from "./wasmCopies.ts"

/** Bytes of the largest compressed input: above `message.max.bytes` as nearly all brokers have it. */
export const DECODER_SOURCE_BYTES_MAX = 2 * 1024 * 1024
/** Bytes of the largest output: four times the default of `message.max.bytes`; whatever a batch holds, no more stays. */
export const DECODER_TARGET_BYTES_MAX = 4 * 1024 * 1024
/** Where outputs begin in the memory; the source is at its start. */
export const DECODER_TARGET_START = DECODER_SOURCE_BYTES_MAX + COPY_OVERSHOOT_BYTES

const PAGE_BYTES = 64 * 1024
/** All of it from the start, as growing would detach its views; the system gives pages when they are written. */
const MEMORY_PAGES = Math.ceil((DECODER_TARGET_START + DECODER_TARGET_BYTES_MAX + COPY_OVERSHOOT_BYTES) / PAGE_BYTES)

/** Positions in the memory; returns the end of what was written, or -1 for a block the plain decoder must judge. */
export type BlockFunction = (from: number, end: number, to: number, targetEnd: number) => number

/** Decoders and the memory in which they work. */
export interface BlockDecoders {
  readonly memory: Uint8Array
  readonly lz4: BlockFunction
  readonly snappy: BlockFunction
}

/** As much of the global `WebAssembly` as is used; it belongs to no version of ECMAScript. */
export interface WebAssemblyHost {
  readonly Memory: new(limits: { readonly initial: number; readonly maximum: number }) => {
    readonly buffer: ArrayBuffer
  }
  readonly Module: new(bytes: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new(module: object, imports: object) => { readonly exports: object }
}

/** The decoders on such a host; undefined if it has no WebAssembly, none with 16-byte values, or no memory for it. */
export const makeBlockDecoders = (host: WebAssemblyHost | undefined): BlockDecoders | undefined => {
  if (host === undefined) return undefined
  try {
    const memory = new host.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES })
    const module = new host.Module(assemble(MEMORY_PAGES, [lz4BlockFunction, snappyBlockFunction]))
    const { exports } = new host.Instance(module, { host: { memory } })
    return { memory: new Uint8Array(memory.buffer), ...exports as Pick<BlockDecoders, "lz4" | "snappy"> }
  } catch {
    return undefined
  }
}

/** The output that ends at `end` of the memory: there, or as a copy. */
export const outputOf = ({ memory }: BlockDecoders, end: number, output: OutputMemory): Uint8Array =>
  output === "shared" ? memory.subarray(DECODER_TARGET_START, end) : memory.slice(DECODER_TARGET_START, end)

let made: { readonly decoders: BlockDecoders | undefined } | undefined

/** The decoders of this process, made at first use; undefined where `makeBlockDecoders` has none. */
export const blockDecoders = (): BlockDecoders | undefined => {
  made ??= {
    decoders: makeBlockDecoders((globalThis as { readonly WebAssembly?: WebAssemblyHost }).WebAssembly)
  }
  return made.decoders
}
