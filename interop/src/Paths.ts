import { mkdirSync, rmSync } from "node:fs"
import { fileURLToPath } from "node:url"

const fromRepository = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** The folders the interop runs use, all inside the repository; everything that is fetched or built goes to `.cache`. */
export const paths = {
  repository: fromRepository(""),
  interop: fromRepository("interop"),
  javaSources: fromRepository("interop/java"),
  goModule: fromRepository("interop/go"),
  kafkaJars: fromRepository(".cache/interop/kafka-jars"),
  javaClasses: fromRepository(".cache/interop/java-classes"),
  goBinary: fromRepository(".cache/interop/franz-go-client"),
  work: fromRepository(".cache/interop/work"),
  /** Where the broker of this repository starts; the one place that names it. */
  ourBroker: fromRepository("packages/node-server/src/main.ts")
} as const

/** A new empty folder for one broker's data or one run's files; gone when the process ends, unless `INTEROP_KEEP` is set. */
export const makeWorkFolder = (name: string): string => {
  const folder = `${paths.work}/${name}-${process.pid}-${Math.random().toString(36).slice(2, 8)}`
  mkdirSync(folder, { recursive: true })
  if (process.env["INTEROP_KEEP"] === undefined) {
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }))
  }
  return folder
}
