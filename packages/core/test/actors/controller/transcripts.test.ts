/**
 * Golden transcripts: scripts of commands, one JSON a line after `>`, with the records and the reply that each comes to, all
 * on one image. `UPDATE_TRANSCRIPTS=1` writes what the machine says now; the diff is what is to be judged.
 */
import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { ControllerCommand } from "../../../src/actors/controller/ControllerCommand.ts"
import { decide } from "../../../src/actors/controller/decide.ts"
import { emptyImage } from "../../../src/metadata/ClusterImage.ts"
import { replay } from "../../../src/metadata/replay.ts"
import { testConfigRules } from "./fixtures.ts"

const folder = fileURLToPath(new URL("transcripts", import.meta.url))
const mustUpdate = process.env["UPDATE_TRANSCRIPTS"] === "1"

/** The transcript of a script's commands; comments and empty lines stay. */
const play = (script: string): string => {
  let image = emptyImage({ clusterId: "transcript", controllerId: 1 })
  const lines: Array<string> = []
  for (const line of script.split("\n")) {
    if (line === "" || line.startsWith("#")) lines.push(line)
    if (!line.startsWith("> ")) continue
    const { records, reply } = decide(image, JSON.parse(line.slice(2)) as ControllerCommand, testConfigRules)
    image = replay(image, records, image.endOffset + records.length)
    lines.push(line, ...records.map((record) => `  record ${JSON.stringify(record)}`))
    lines.push(`  reply ${JSON.stringify(reply) ?? "nothing"}`)
  }
  return lines.join("\n")
}

describe("the controller's transcripts", () => {
  for (const name of readdirSync(folder)) {
    it(name, () => {
      const path = `${folder}/${name}`
      const kept = readFileSync(path, "utf8")
      const now = play(kept)
      if (mustUpdate) writeFileSync(path, now)
      else assert.strictEqual(now, kept)
    })
  }
})
