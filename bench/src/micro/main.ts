/** Micro-benches of the stages of a Produce: `node bench/src/micro/main.ts`. */
import { consumed, measureStage } from "./Stage.ts"
import { compressedStagesOf, stagesOf } from "./stages.ts"

const stages = [
  ...stagesOf("1 x 100 B", { recordBytes: 100, recordsPerBatch: 1 }),
  ...stagesOf("64 KiB", { recordBytes: 1024, recordsPerBatch: 63 }),
  ...stagesOf("1 MiB", { recordBytes: 1024, recordsPerBatch: 1014 }),
  ...(["gzip", "snappy", "lz4", "zstd"] as const).flatMap((codec) => [
    ...compressedStagesOf(`1 x 100 B ${codec}`, { recordBytes: 100, recordsPerBatch: 1, codec }),
    ...compressedStagesOf(`64 KiB ${codec}`, { recordBytes: 1024, recordsPerBatch: 63, codec })
  ])
]
const width = Math.max(...stages.map(({ name }) => name.length))
for (const stage of stages) {
  const nanoseconds = measureStage(stage)
  const perByte = (nanoseconds / stage.bytes).toFixed(3)
  console.log(`${stage.name.padEnd(width)}  ${nanoseconds.toFixed(0).padStart(9)} ns  ${perByte.padStart(7)} ns/B`)
}
if (Number.isNaN(consumed())) throw new Error("nothing was measured")
