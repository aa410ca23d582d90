import { existsSync, readdirSync, statSync } from "node:fs"
import { ensureJavaClasses } from "./KafkaJars.ts"
import { paths } from "./Paths.ts"
import { isInstalled, run, runOrThrow } from "./Process.ts"

/** A client that cannot run here, with the reason in one line. */
export interface Missing {
  readonly name: Client
  readonly reason: string
}

export type Client = "kcat" | "java" | "go"

const firstLine = (error: unknown): string => String(error).split("\n").slice(0, 2).join(" ").slice(0, 300)

const ensureKcat = async (): Promise<void> => {
  if (await isInstalled("kcat", "-V")) return
  if (process.getuid?.() !== 0 || !(await isInstalled("apt-get"))) {
    throw new Error("not installed; on Debian: apt-get install kcat")
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  const first = await run("apt-get", ["install", "-y", "--no-install-recommends", "kcat"], { env, timeoutMs: 300_000 })
  if (first.code === 0) return
  await runOrThrow("apt-get", ["update"], { env, timeoutMs: 300_000 })
  await runOrThrow("apt-get", ["install", "-y", "--no-install-recommends", "kcat"], { env, timeoutMs: 300_000 })
}

const ensureJava = async (): Promise<void> => {
  for (const command of ["java", "javac"]) {
    if (!(await isInstalled(command, "-version"))) throw new Error(`${command} is not installed (Java 17 or newer)`)
  }
  if (!(await isInstalled("mvn"))) throw new Error("mvn is not installed (Maven 3.8 or newer)")
  await ensureJavaClasses()
}

const ensureGo = async (): Promise<void> => {
  if (!(await isInstalled("go", "version"))) throw new Error("go is not installed (Go 1.26 or newer)")
  const sources = readdirSync(paths.goModule).map((name) => statSync(`${paths.goModule}/${name}`).mtimeMs)
  if (existsSync(paths.goBinary) && statSync(paths.goBinary).mtimeMs >= Math.max(...sources)) return
  await runOrThrow("go", ["build", "-o", paths.goBinary, "."], { cwd: paths.goModule, timeoutMs: 600_000 })
}

const ensure: Readonly<Record<Client, () => Promise<void>>> = { kcat: ensureKcat, java: ensureJava, go: ensureGo }

/** Installs or builds what the clients need, and tells which of them cannot run here. */
export const prepareClients = async (): Promise<ReadonlyArray<Missing>> => {
  const missing: Array<Missing> = []
  for (const [name, prepare] of Object.entries(ensure) as Array<[Client, () => Promise<void>]>) {
    try {
      await prepare()
    } catch (error) {
      missing.push({ name, reason: firstLine(error) })
    }
  }
  return missing
}
