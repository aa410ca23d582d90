import { type ChildProcess, fork } from "node:child_process"
import type { GeneratorReply, RunOrder, RunResult } from "../generator/Load.ts"
import { paths } from "../Paths.ts"
import { bundle } from "../systems/bundle.ts"

/** More than any run takes besides its measured time; a generator that is silent for longer is ended with the bench. */
const replyMsMax = 300_000

/** The load generator's process; one serves all runs, so that its code is as warm for the first system as for the last. */
export class Generator {
  private readonly child: ChildProcess

  private constructor(child: ChildProcess) {
    this.child = child
  }

  static async start(): Promise<Generator> {
    return new Generator(fork(await bundle(paths.generator, "generator"), { execArgv: [] }))
  }

  run(order: RunOrder): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer)
        this.child.off("message", onMessage).off("exit", onExit)
      }
      const onMessage = (reply: GeneratorReply): void => {
        finish()
        if ("error" in reply) reject(new Error(reply.error))
        else resolve(reply.result)
      }
      const onExit = (): void => {
        finish()
        reject(new Error("the load generator ended"))
      }
      const timer = setTimeout(() => {
        this.child.kill("SIGKILL")
      }, replyMsMax + order.measureMs)
      this.child.on("message", onMessage).on("exit", onExit)
      this.child.send(order)
    })
  }

  stop(): void {
    this.child.disconnect()
  }
}
