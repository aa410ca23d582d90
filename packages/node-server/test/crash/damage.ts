import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Prng } from "../../../testkit/test/fuzz/Prng.ts"

const filesOf = (directory: string, pattern: RegExp): ReadonlyArray<string> =>
  Fs.readdirSync(directory).filter((name) => pattern.test(name)).sort().map((name) => Path.join(directory, name))

const garbled = (prng: Prng, path: string): void => {
  const size = Fs.statSync(path).size
  Fs.writeFileSync(path, prng.bytes(prng.below(Math.min(size, 4_000) + 20)))
}

/** Bytes of what a dying process or a file system may leave behind the last batch: zeros, noise, or half a batch. */
const tornTail = (prng: Prng, log: string): Uint8Array => {
  switch (prng.below(3)) {
    case 0:
      return new Uint8Array(prng.between(1, 5_000))
    case 1:
      return prng.bytes(prng.between(1, 300))
    default: {
      const bytes = Fs.readFileSync(log)
      return bytes.subarray(0, Math.min(bytes.length, prng.between(1, 70)))
    }
  }
}

/**
 * Damages files of a dead broker in a way that must cost no record: what can be made again from the records, and what
 * lies behind the last of them. Returns what was done.
 */
export const damage = (prng: Prng, dataDirectory: string, partitions: ReadonlyArray<string>): string => {
  const partition = Path.join(dataDirectory, prng.pick(partitions))
  switch (prng.below(8)) {
    case 0: {
      const log = filesOf(partition, /\.log$/).at(-1)!
      Fs.appendFileSync(log, tornTail(prng, log))
      return `torn tail in ${log}`
    }
    case 1: {
      const files = filesOf(partition, /\.(index|timeindex|txnindex)$/)
      for (const file of files) Fs.rmSync(file)
      return `no indexes in ${partition}`
    }
    case 2: {
      for (const file of filesOf(partition, /\.(index|timeindex)$/)) garbled(prng, file)
      return `garbled indexes in ${partition}`
    }
    case 3: {
      const files = filesOf(dataDirectory, /checkpoint$/)
      for (const file of files) if (prng.once(2)) garbled(prng, file)
      return "garbled checkpoints"
    }
    case 4: {
      const path = Path.join(partition, "partition.metadata")
      Fs.writeFileSync(path, Fs.readFileSync(path, "utf8").replace(/(topic_id: [\w-]{22})(?:==)?/, "$1=="))
      return `padded id in ${path}`
    }
    case 5: {
      for (const file of filesOf(partition, /^leader-epoch-checkpoint$|\.snapshot$/)) {
        if (prng.once(2)) garbled(prng, file)
        else Fs.rmSync(file)
      }
      return `no producer snapshots or epochs in ${partition}`
    }
    default:
      return "nothing"
  }
}
