/**
 * `differential [--ours HOST:PORT] [--kafka HOST:PORT] [--self] [--recorded] [--record] [--only TEXT] [--show]`:
 * sends the same requests to Apache Kafka and to our broker and compares the answers; ends with `N passed, N failed`.
 * `--self` compares Apache Kafka with a second Apache Kafka, which shows that the cases themselves are sound.
 * `--record` keeps Apache Kafka's answers to the cases that run in `fixtures/recorded-answers.json`; `--recorded`
 * compares with them and needs no Java. `--coordinators` adds the cases that need transaction coordinators.
 * `--show` prints Apache Kafka's answers.
 */
import { createHash } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { startApacheKafka } from "../src/ApacheKafka.ts"
import type { Broker } from "../src/Broker.ts"
import { startOurBroker } from "../src/OurBroker.ts"
import { startApacheKafkaWithAcls, startOurBrokerWithAcls } from "./acls.ts"
import type { Case } from "./Case.ts"
import { allCases } from "./cases/index.ts"
import { differences } from "./compare.ts"
import { normalise } from "./normalise.ts"
import { type Address, Probe } from "./Probe.ts"

const { values } = parseArgs({
  options: {
    ours: { type: "string" },
    kafka: { type: "string" },
    only: { type: "string" },
    coordinators: { type: "boolean", default: false },
    record: { type: "boolean", default: false },
    recorded: { type: "boolean", default: false },
    self: { type: "boolean", default: false },
    show: { type: "boolean", default: false }
  }
})

const recordingFile = fileURLToPath(new URL("fixtures/recorded-answers.json", import.meta.url))

/** One case a line, so that a change of Kafka's answers can be read in a diff. */
const recordingText = (recorded: Answers): string => {
  const lines = Object.entries(recorded).map(([name, answers]) => `${JSON.stringify(name)}: ${JSON.stringify(answers)}`)
  return `{\n${lines.join(",\n")}\n}\n`
}

/** Depends on the case's name only, so that recorded answers stay good when other cases are added. */
const prefixOf = ({ name }: Case): string => `case-${createHash("sha256").update(name).digest("hex").slice(0, 8)}`

type Answers = Readonly<Record<string, unknown>>

const readRecording = (): Answers => JSON.parse(readFileSync(recordingFile, "utf8")) as Answers

/** The recording with these answers in it, in the order of the cases; answers to cases that are gone go too. */
const withRecorded = (recorded: Answers): Answers => {
  const all = { ...readRecording(), ...recorded }
  return Object.fromEntries(allCases.filter(({ name }) => name in all).map(({ name }) => [name, all[name]]))
}

/** Stands for the answers to a case that is newer than the recording. */
const notRecorded = [{ label: "the case stopped", answer: "not recorded: run with --record" }]

const started: Array<Broker> = []

const brokerAt = async (address: string | undefined, start: () => Promise<Broker>): Promise<Address> => {
  if (address !== undefined) {
    const separator = address.lastIndexOf(":")
    return { host: address.slice(0, separator), port: Number(address.slice(separator + 1)) }
  }
  const broker = await start()
  started.push(broker)
  return broker
}

/** Runs one case on one broker; trouble of the case itself becomes its last answer. */
const answersOf = async (address: Address, prefix: string, { run }: Case): Promise<unknown> => {
  const probe = new Probe(address, prefix)
  try {
    await run(probe)
  } catch (error) {
    probe.record("the case stopped", "none", String(error))
  } finally {
    probe.close()
  }
  return normalise(probe.steps, { address, topicIds: probe.topicIds })
}

const shown = (value: unknown): string => {
  const text = value === undefined ? "(nothing)" : JSON.stringify(value)
  return text.length > 400 ? `${text.slice(0, 400)}…` : text
}

const main = async (): Promise<number> => {
  const cases = allCases.filter((each) =>
    (values.only === undefined || each.name.includes(values.only)) &&
    // Brokers that already run have ACLs of their own, or none.
    (each.isUnderAcls !== true || (values.kafka === undefined && values.ours === undefined)) &&
    (values.coordinators || values.self || each.needsCoordinators !== true)
  )
  const recordedAnswers = values.recorded ? readRecording() : {}
  const kafka = values.recorded ? undefined : await brokerAt(values.kafka, () => startApacheKafka())
  const ours = await brokerAt(values.ours, () => values.self ? startApacheKafka() : startOurBroker())
  const hasAcls = cases.some(({ isUnderAcls }) => isUnderAcls)
  const kafkaWithAcls = values.recorded || !hasAcls ? undefined : await brokerAt(undefined, startApacheKafkaWithAcls)
  const oursWithAcls = hasAcls
    ? await brokerAt(undefined, values.self ? startApacheKafkaWithAcls : startOurBrokerWithAcls)
    : ours
  const recorded: Record<string, unknown> = {}
  let failed = 0
  for (const each of cases) {
    const prefix = prefixOf(each)
    const judge = each.isUnderAcls ? kafkaWithAcls : kafka
    const [theirs, own] = await Promise.all([
      judge === undefined
        ? Promise.resolve(recordedAnswers[each.name] ?? notRecorded)
        : answersOf(judge, prefix, each),
      answersOf(each.isUnderAcls ? oursWithAcls : ours, prefix, each)
    ])
    recorded[each.name] = theirs
    if (values.show) process.stdout.write(`${each.name}\n${JSON.stringify(theirs, null, 1)}\n`)
    const found = differences(theirs, own)
    const stopped = JSON.stringify(theirs).includes("\"the case stopped\"")
    if (found.length === 0 && !stopped) continue
    failed++
    process.stdout.write(`✗ ${each.name}\n`)
    if (stopped) process.stdout.write(`    Kafka: ${shown((theirs as ReadonlyArray<unknown>).at(-1))}\n`)
    for (const { kafka: theirValue, label, ours: ownValue, path } of found.slice(0, 12)) {
      process.stdout.write(`    ${label}  ${path}\n`)
      process.stdout.write(`      Kafka: ${shown(theirValue)}\n      ours:  ${shown(ownValue)}\n`)
    }
    if (found.length > 12) process.stdout.write(`    … and ${found.length - 12} more\n`)
  }
  if (values.record) writeFileSync(recordingFile, recordingText(withRecorded(recorded)))
  process.stdout.write(`${cases.length - failed} passed, ${failed} failed\n`)
  return failed === 0 && cases.length > 0 ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stdout.write(`${String(error)}\n0 passed, 1 failed\n`)
  process.exitCode = 1
} finally {
  await Promise.all(started.map((broker) => broker.stop()))
}
