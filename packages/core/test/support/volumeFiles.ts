import type { MemoryVolume } from "../../src/seams/MemoryVolume.ts"

/** Every file of a volume by its path, its bytes as text. Checkpoints have their partitions in no order. */
export const filesOf = (volume: MemoryVolume): Readonly<Record<string, string>> => {
  const decoder = new TextDecoder("latin1")
  const paths = [...volume.files.keys()].toSorted()
  return Object.fromEntries(paths.map((path) => {
    const { bytes, sizeBytes } = volume.files.get(path)!
    const text = decoder.decode(bytes.subarray(0, sizeBytes))
    return [path, path.endsWith("-offset-checkpoint") ? text.split("\n").toSorted().join("\n") : text]
  }))
}
