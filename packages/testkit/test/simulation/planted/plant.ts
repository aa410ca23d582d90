/**
 * Loaded before everything else (`node --import`): puts one planted bug, named by the environment variable
 * `PLANTED_BUG`, into the sources as they are loaded.
 */
import { readFileSync } from "node:fs"
import { registerHooks } from "node:module"
import { fileURLToPath } from "node:url"
import { type Edit, plantedBugs } from "./plantedBugs.ts"

const core = new URL("../../../../core/src/", import.meta.url)
const bug = plantedBugs.find(({ name }) => name === process.env["PLANTED_BUG"])
if (bug === undefined) throw new Error(`no planted bug is named ${process.env["PLANTED_BUG"]}`)

const editsByUrl = new Map<string, Array<Edit>>()
for (const edit of bug.edits) {
  const url = new URL(edit.file, core).href
  const others = editsByUrl.get(url)
  if (others === undefined) editsByUrl.set(url, [edit])
  else others.push(edit)
}

const planted = (url: string, edits: ReadonlyArray<Edit>): string => {
  let source = readFileSync(fileURLToPath(url), "utf8")
  for (const { file, find, replace } of edits) {
    const count = source.split(find).length - 1
    if (count !== 1) {
      throw new Error(`"${find}" is ${count} times in ${file}: move the planted bug "${bug.name}" with the code`)
    }
    source = source.replace(find, () => replace)
  }
  return source
}

// What is not loaded at all is looked at too: a planted bug that does not take part proves nothing.
for (const [url, edits] of editsByUrl) planted(url, edits)

registerHooks({
  load: (url, context, nextLoad) => {
    const edits = editsByUrl.get(url)
    if (edits === undefined) return nextLoad(url, context)
    return { format: "module-typescript", source: planted(url, edits), shortCircuit: true }
  }
})
