import { spawn } from "node:child_process"
import { fill } from "../generator/produceLoad.ts"
import type { ClientLoad, RunOrder, RunResult } from "../generator/Load.ts"
import { makeBatch } from "../generator/ProduceTemplate.ts"
import { cpuSecondsOf, rssBytesOf } from "../generator/ProcessUsage.ts"
import { createTopic, deleteTopic } from "../generator/Wire.ts"
import type { Client } from "./Client.ts"
import { javaConsumer, javaProducer } from "./javaClients.ts"
import { platformaticConsumer, platformaticProducer } from "./platformaticClients.ts"
import { rdkafkaConsumer, rdkafkaProducer } from "./rdkafkaClients.ts"

const clients: Readonly<Record<ClientLoad["client"], Client>> = {
  "java-producer": javaProducer,
  "java-consumer": javaConsumer,
  "rdkafka-producer": rdkafkaProducer,
  "rdkafka-consumer": rdkafkaConsumer,
  "platformatic-producer": platformaticProducer,
  "platformatic-consumer": platformaticConsumer
}

/** A client that runs longer is ended, and the run fails. */
const clientMsMax = 120_000
const cpuSampleMs = 50
const recordsPerBatch = 63

interface Ended {
  readonly output: string
  readonly cpuSeconds: number
}

/** Runs the command to its end, reading its CPU time as long as it lives. */
const runCounted = ([command, ...args]: ReadonlyArray<string>): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(command!, args, { stdio: ["ignore", "pipe", "pipe"] })
    const kill = (): void => void child.kill("SIGKILL")
    process.on("exit", kill)
    let output = ""
    let errors = ""
    let cpuSeconds = 0
    child.stdout.on("data", (chunk: Buffer) => output += chunk.toString())
    child.stderr.on("data", (chunk: Buffer) => errors = (errors + chunk.toString()).slice(-2_000))
    const timer = setTimeout(kill, clientMsMax)
    const sampler = setInterval(() => {
      try {
        cpuSeconds = cpuSecondsOf(child.pid!)
      } catch {
        // It has just ended; the last sample stands.
      }
    }, cpuSampleMs)
    const finish = (): void => {
      clearTimeout(timer)
      clearInterval(sampler)
      process.off("exit", kill)
    }
    child.on("error", (error) => {
      finish()
      reject(error)
    })
    child.on("close", (code) => {
      finish()
      if (code === 0) resolve({ output, cpuSeconds })
      else reject(new Error(`${command} ended with ${code ?? "a signal"}: ${errors}${output.slice(-500)}`))
    })
  })

const prepared = new Map<Client, Promise<void>>()

/**
 * Runs the client once on a topic of its own, which is filled before for consumers. Rate and latency are what the
 * client says; the broker's CPU is that of the client's whole life.
 */
export const runClient = async (order: RunOrder, load: ClientLoad): Promise<RunResult> => {
  const client = clients[load.client]
  if (!prepared.has(client)) prepared.set(client, client.prepare())
  await prepared.get(client)
  await createTopic(order.port, order.topic, load.partitions)
  try {
    if (load.client.endsWith("-consumer")) {
      const batches = Math.ceil(load.records / recordsPerBatch / load.partitions)
      await fill(order, load.partitions, batches, makeBatch({ recordBytes: load.recordBytes, recordsPerBatch }))
    }
    const cpuBefore = cpuSecondsOf(order.pid)
    const { output, cpuSeconds } = await runCounted(client.command(load, order.port, order.topic))
    const brokerCpuSeconds = cpuSecondsOf(order.pid) - cpuBefore
    const figures = client.parse(output, load)
    if (figures === undefined || !(figures.records >= load.records)) {
      throw new Error(`${load.client} did not send or read all records: ${output.slice(-500)}`)
    }
    return {
      ...figures,
      requests: figures.records,
      bytes: figures.records * load.recordBytes,
      brokerCpuSeconds,
      generatorCpuSeconds: cpuSeconds,
      rssBytes: rssBytesOf(order.pid)
    }
  } finally {
    await deleteTopic(order.port, order.topic)
  }
}
