import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process"
import { connect, createServer } from "node:net"
import { setTimeout as delay } from "node:timers/promises"

/** What a finished command left behind. `code` is null when a signal ended it. */
export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions extends SpawnOptions {
  /** Bytes for standard input, which is closed after them. */
  readonly input?: string | Uint8Array
  readonly timeoutMs?: number
}

/** Runs a command to its end and collects its output; rejects only when it cannot be started. */
export const run = (
  command: string,
  args: ReadonlyArray<string>,
  { input, timeoutMs = 120_000, ...options }: CommandOptions = {}
): Promise<CommandResult> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["pipe", "pipe", "pipe"] })
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs)
    const stdout: Array<Buffer> = []
    const stderr: Array<Buffer> = []
    child.stdout!.on("data", (chunk: Buffer) => stdout.push(chunk))
    child.stderr!.on("data", (chunk: Buffer) => stderr.push(chunk))
    child.on("error", (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.on("close", (code) => {
      clearTimeout(timer)
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() })
    })
    // A tool may exit before it has read its input: that shows in its exit code.
    child.stdin!.on("error", () => undefined)
    child.stdin!.end(input)
  })

/** Like {@link run}, but a non-zero exit code is an error that quotes the command's output. */
export const runOrThrow = async (
  command: string,
  args: ReadonlyArray<string>,
  options: CommandOptions = {}
): Promise<CommandResult> => {
  const result = await run(command, args, options)
  if (result.code !== 0) {
    throw new Error(`${command} ${args.join(" ")} ended with ${result.code}\n${result.stdout}${result.stderr}`)
  }
  return result
}

export const isInstalled = (command: string, versionFlag = "--version"): Promise<boolean> =>
  run(command, [versionFlag]).then(() => true, () => false)

/** Ports that were free a moment ago; all are held until all are known, so they differ. */
export const freePorts = async (count: number): Promise<Array<number>> => {
  const servers = await Promise.all(
    Array.from({ length: count }, () =>
      new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
        const server = createServer()
        server.on("error", reject)
        server.listen(0, "127.0.0.1", () => resolve(server))
      }))
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

const accepts = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on("error", () => resolve(false))
  })

export const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

/** Waits until the port accepts a connection; rejects when the process ends first or the time is over. */
export const waitForPort = async (options: {
  readonly child: ChildProcess
  readonly port: number
  readonly host?: string
  readonly timeoutMs: number
  readonly log: () => string
}): Promise<void> => {
  const deadline = Date.now() + options.timeoutMs
  while (Date.now() < deadline) {
    if (hasEnded(options.child)) throw new Error(`the broker ended while starting:\n${options.log()}`)
    if (await accepts(options.port, options.host ?? "127.0.0.1")) return
    await delay(50)
  }
  throw new Error(`port ${options.port} did not open within ${options.timeoutMs} ms:\n${options.log()}`)
}

/** Sends the signal and waits for the process to be gone, killing it when the time is over. */
export const endProcess = async (child: ChildProcess, signal: NodeJS.Signals, timeoutMs = 30_000): Promise<void> => {
  if (hasEnded(child)) return
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  child.kill(signal)
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs)
  await ended
  clearTimeout(timer)
}
