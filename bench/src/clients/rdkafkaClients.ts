import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { isInstalled, runOrThrow } from "../../../interop/src/Process.ts"
import { paths } from "../Paths.ts"
import type { Client } from "./Client.ts"

const built = `${paths.binaries}/rdkafka_performance`
let program = built

/**
 * Debian has the program in librdkafka's sources only: fetches them with apt and compiles that one file against the
 * library that kcat has brought.
 */
const build = async (): Promise<void> => {
  const folder = `${paths.binaries}/librdkafka`
  mkdirSync(`${folder}/lists/partial`, { recursive: true })
  writeFileSync(`${folder}/sources.list`, "deb-src http://deb.debian.org/debian bookworm main\n")
  const apt = [
    ...["-o", `Dir::Etc::sourcelist=${folder}/sources.list`, "-o", "Dir::Etc::sourceparts=-"],
    ...["-o", `Dir::State::lists=${folder}/lists`]
  ]
  await runOrThrow("apt-get", [...apt, "update"], { cwd: folder })
  await runOrThrow("apt-get", [...apt, "source", "--download-only", "librdkafka"], { cwd: folder })
  const archive = readdirSync(folder).find((name) => name.endsWith(".orig.tar.gz"))
  if (archive === undefined) throw new Error("apt-get source brought no sources of librdkafka")
  await runOrThrow("tar", ["xzf", archive, "--strip-components=1"], { cwd: folder })
  // What configure writes; the program needs none of it.
  writeFileSync(`${folder}/config.h`, "")
  const flags = ["-O2", "-w", "-D_GNU_SOURCE", "-include", "stdio.h", "-I", "src", "-I", "."]
  const source = "examples/rdkafka_performance.c"
  await runOrThrow("gcc", [...flags, source, "-o", built, "-l:librdkafka.so.1", "-lpthread"], { cwd: folder })
}

const prepare = async (): Promise<void> => {
  if (await isInstalled("rdkafka_performance", "-h")) program = "rdkafka_performance"
  else if (!existsSync(built)) await build()
}

/** librdkafka's `rdkafka_performance` as a producer with the library's own settings. */
export const rdkafkaProducer: Client = {
  prepare,
  command: ({ records, recordBytes, acks }, port, topic) => [
    ...[program, "-P", "-t", topic, "-b", `127.0.0.1:${port}`, "-s", String(recordBytes), "-c", String(records)],
    ...["-a", String(acks)]
  ],
  parse: (output) => {
    const last = [...output.matchAll(/% \d+ messages produced .* (\d+) delivered .*? in (\d+)ms/g)].at(-1)
    return last === null || last === undefined
      ? undefined
      : { records: Number(last[1]), seconds: Number(last[2]) / 1_000 }
  }
}

/** librdkafka's `rdkafka_performance` as a consumer of all partitions, without a group. */
export const rdkafkaConsumer: Client = {
  prepare,
  command: ({ records, partitions }, port, topic) => [
    ...[program, "-C", "-t", topic, "-b", `127.0.0.1:${port}`, "-o", "beginning", "-c", String(records)],
    ...Array.from({ length: partitions }, (_, partition) => ["-p", String(partition)]).flat()
  ],
  parse: (output) => {
    const last = [...output.matchAll(/% (\d+) messages .* consumed in (\d+)ms/g)].at(-1)
    return last === undefined ? undefined : { records: Number(last[1]), seconds: Number(last[2]) / 1_000 }
  }
}
