import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process"
import { rmSync } from "node:fs"
import { connect } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { endProcess, freePorts, hasEnded } from "../../../interop/src/Process.ts"
import { ApiVersions } from "../../../packages/core/src/protocol/apis/ApiVersions.ts"
import type { Load } from "../generator/Load.ts"
import { rssBytesOf } from "../generator/ProcessUsage.ts"
import { requestFrame } from "../generator/Wire.ts"
import { makeDataDir } from "../Paths.ts"

/** A running broker. */
export interface Running {
  readonly name: string
  readonly system: System
  readonly pid: number
  readonly port: number
  readonly dataDir: string
  /** From the start of the process to its first answer to ApiVersions, in milliseconds. */
  readonly startMs: number
  /** Resident bytes a second after the start, before any load. */
  readonly idleRssBytes: number
  /** Ends the process and removes its data. */
  readonly stop: () => Promise<void>
}

/** How one system is made ready and started. */
export interface System {
  readonly name: string
  /** Builds or fetches what is needed; fails with the reason when the system cannot run here. */
  readonly prepare: () => Promise<void>
  /** Command line of a broker that serves on the port and keeps its data in the folder. */
  readonly command: (port: number, dataDir: string) => Promise<ReadonlyArray<string>>
  readonly spawnOptions?: SpawnOptions
  /** Absent: every load. */
  readonly serves?: (load: Load) => boolean
  /** Keeps its log over the death of its process. */
  readonly recovers?: boolean
}

/** A process that has answered. */
export interface Launched {
  readonly child: ChildProcess
  /** When it was spawned, on the clock of `performance.now`. */
  readonly startedAt: number
  /** From the start of the process to its first answer to ApiVersions, in milliseconds. */
  readonly startMs: number
  /** Ends the process and leaves its data; SIGKILL unless asked for another signal. */
  readonly end: (signal?: NodeJS.Signals) => Promise<void>
}

const startMsMax = 60_000
const idleAfterMs = 1_000

const answersApiVersions = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true })
    const finish = (answered: boolean): void => {
      socket.destroy()
      resolve(answered)
    }
    socket.on("connect", () =>
      socket.write(requestFrame(ApiVersions, 0, { clientSoftwareName: "", clientSoftwareVersion: "" })))
    socket.on("data", () =>
      finish(true))
    socket.on("error", () => finish(false))
    socket.on("close", () => finish(false))
  })

const waitForAnswer = async (child: ChildProcess, port: number, log: () => string): Promise<void> => {
  for (const deadline = Date.now() + startMsMax; Date.now() < deadline;) {
    if (hasEnded(child)) throw new Error(`it ended while starting:\n${log()}`)
    if (await answersApiVersions(port)) return
    await delay(1)
  }
  throw new Error(`it did not answer within ${startMsMax} ms:\n${log()}`)
}

/** Starts a broker by its command line and waits for its first answer. */
export const launch = async (
  name: string,
  port: number,
  [command, ...args]: ReadonlyArray<string>,
  spawnOptions: SpawnOptions = {}
): Promise<Launched> => {
  const startedAt = performance.now()
  const child = spawn(command!, args, { ...spawnOptions, stdio: ["ignore", "pipe", "pipe"] })
  const kill = (): void => void child.kill("SIGKILL")
  process.on("exit", kill)
  let output = ""
  let isExpected = false
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-10_000)
  }
  child.stdout!.on("data", keep)
  child.stderr!.on("data", keep)
  const end = async (signal: NodeJS.Signals = "SIGKILL"): Promise<void> => {
    isExpected = true
    await endProcess(child, signal, 10_000)
    process.off("exit", kill)
  }
  try {
    await waitForAnswer(child, port, () => output)
  } catch (error) {
    await end()
    throw error
  }
  const startMs = performance.now() - startedAt
  child.on("exit", (code, signal) => {
    if (!isExpected) console.error(`${name} ended with ${code ?? signal}:\n${output}`)
  })
  return { child, startedAt, startMs, end }
}

/** Starts the system on a free port and an empty folder. */
export const startSystem = async (system: System, args: ReadonlyArray<string> = []): Promise<Running> => {
  const [port] = (await freePorts(1)) as [number]
  const dataDir = makeDataDir(system.name)
  const removeData = (): void => rmSync(dataDir, { recursive: true, force: true })
  try {
    const commandLine = [...await system.command(port, dataDir), ...args]
    const { child, startMs, end } = await launch(system.name, port, commandLine, system.spawnOptions)
    await delay(idleAfterMs)
    return {
      name: system.name,
      system,
      pid: child.pid!,
      port,
      dataDir,
      startMs,
      idleRssBytes: rssBytesOf(child.pid!),
      stop: () => end("SIGTERM").then(removeData)
    }
  } catch (error) {
    removeData()
    throw error
  }
}
