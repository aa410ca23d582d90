import { execFileSync } from "node:child_process"
import { closeSync, fsyncSync, openSync, readdirSync } from "node:fs"

/** Writes the topic's files to the disk and drops their pages, so that reads of them are cold. */
export const dropPageCache = (dataDir: string, topic: string): void => {
  for (const entry of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
    const path = `${entry.parentPath}/${entry.name}`
    if (!entry.isFile() || !path.includes(topic) || !entry.name.endsWith(".log")) continue
    const fd = openSync(path, "r+")
    fsyncSync(fd)
    closeSync(fd)
    execFileSync("dd", [`if=${path}`, "iflag=nocache", "count=0"], { stdio: "ignore" })
  }
}
