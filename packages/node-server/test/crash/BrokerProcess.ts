import { type ChildProcess, spawn } from "node:child_process"
import * as Path from "node:path"

const main = Path.join(import.meta.dirname, "..", "..", "src", "main.ts")

/** The broker as a process of its own, on a data directory. */
export class BrokerProcess {
  readonly port: number
  /** From the start of the process to the line that says it is ready. */
  readonly startMs: number
  private readonly child: ChildProcess
  private readonly output: { text: string }

  private constructor(child: ChildProcess, output: { text: string }, port: number, startMs: number) {
    this.child = child
    this.output = output
    this.port = port
    this.startMs = startMs
  }

  get pid(): number {
    return this.child.pid!
  }

  /** Everything it printed so far. */
  get log(): string {
    return this.output.text
  }

  /** Rejects, with what was printed, when it ends before it is ready. */
  static start(dataDirectory: string, args: ReadonlyArray<string> = []): Promise<BrokerProcess> {
    const beganMs = performance.now()
    const child = spawn(process.execPath, [main, "start", "--port", "0", "--data-dir", dataDirectory, ...args], {
      stdio: ["ignore", "pipe", "pipe"]
    })
    const output = { text: "" }
    return new Promise((resolve, reject) => {
      const onOutput = (chunk: Buffer) => {
        output.text += chunk.toString()
        const ready = /ready at [^\n]*:(\d+) in/.exec(output.text)
        if (ready !== null) {
          resolve(new BrokerProcess(child, output, Number(ready[1]), performance.now() - beganMs))
        }
      }
      child.stdout.on("data", onOutput)
      child.stderr.on("data", onOutput)
      child.once("exit", (code) => reject(new Error(`ended with ${code}: ${output.text}`)))
    })
  }

  /** Sends the signal and completes when the process is gone. */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    return new Promise((resolve) => {
      if (this.child.exitCode !== null || this.child.signalCode !== null) return resolve()
      this.child.once("exit", () => resolve())
      this.child.kill(signal)
    })
  }
}
