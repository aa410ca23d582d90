import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { jvmFlags, kafkaClasspath } from "./KafkaJars.ts"
import { type KafkaTool, kafkaTools } from "./KafkaTools.ts"

interface Answer {
  readonly code: number
  readonly output: string
  readonly errors: string
}

/** Kafka's tools in one long-lived process, which spares a second or two at every call. */
export interface KafkaToolRunner {
  /** What the tool printed; rejects when it failed. With `mayFail` it does not, and errors are part of the text. */
  readonly run: (tool: KafkaTool, args: ReadonlyArray<string>, mayFail?: boolean) => Promise<string>
  readonly dispose: () => void
}

export const startKafkaToolRunner = (): KafkaToolRunner => {
  const flags = [...jvmFlags(192), "-Dorg.slf4j.simpleLogger.defaultLogLevel=off", "-Dlog4j2.statusLoggerLevel=OFF"]
  const child = spawn("java", [...flags, "-cp", kafkaClasspath(), "KafkaToolRunner"], {
    stdio: ["pipe", "pipe", "ignore"]
  })
  const waiting: Array<{ readonly resolve: (line: string) => void; readonly reject: (error: Error) => void }> = []
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.resolve(line))
  child.on("exit", () => {
    for (const { reject } of waiting.splice(0)) reject(new Error("the tools' process ended"))
  })
  return {
    run: async (tool, args, mayFail = false) => {
      const line = await new Promise<string>((resolve, reject) => {
        waiting.push({ resolve, reject })
        child.stdin.write(`${JSON.stringify({ tool: kafkaTools[tool], args })}\n`)
      })
      const { code, errors, output }: Answer = JSON.parse(line)
      if (mayFail) return output + errors
      if (code !== 0) throw new Error(`${tool} ${args.join(" ")} ended with ${code}\n${output}${errors}`)
      return output
    },
    dispose: () => void child.kill("SIGKILL")
  }
}
