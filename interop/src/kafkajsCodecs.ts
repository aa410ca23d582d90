import { zstdCompressSync, zstdDecompressSync } from "node:zlib"
import { lz4Compress, lz4Decompress } from "@platformatic/wasm-utils"
import kafkajs from "kafkajs"
import snappy from "snappyjs"

interface Encoder {
  readonly buffer: Buffer
}

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])

/** Kafka's Java client frames snappy in xerial blocks; a plain block is what other clients send. */
const snappyDecompress = (input: Buffer): Buffer => {
  if (!input.subarray(0, 8).equals(xerialMagic)) return Buffer.from(snappy.uncompress(input))
  const parts: Array<Buffer> = []
  for (let at = 16; at < input.length;) {
    const size = input.readInt32BE(at)
    parts.push(Buffer.from(snappy.uncompress(input.subarray(at + 4, at + 4 + size))))
    at += 4 + size
  }
  return Buffer.concat(parts)
}

const codec = (compress: (input: Buffer) => Uint8Array, decompress: (input: Buffer) => Uint8Array) => () => ({
  compress: (encoder: Encoder) => Promise.resolve(Buffer.from(compress(encoder.buffer))),
  decompress: (input: Buffer) => Promise.resolve(Buffer.from(decompress(input)))
})

/** kafkajs brings gzip only; the others are given to it here. */
export const installKafkajsCodecs = (): void => {
  const { CompressionCodecs, CompressionTypes } = kafkajs
  CompressionCodecs[CompressionTypes.Snappy] = codec((input) => snappy.compress(input), snappyDecompress)
  CompressionCodecs[CompressionTypes.LZ4] = codec(lz4Compress, lz4Decompress)
  CompressionCodecs[CompressionTypes.ZSTD] = codec(zstdCompressSync, zstdDecompressSync)
}
