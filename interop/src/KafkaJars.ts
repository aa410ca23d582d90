import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { paths } from "./Paths.ts"
import { run, runOrThrow } from "./Process.ts"

const marker = (): string => `${paths.kafkaJars}/.complete`

/** Fetches Apache Kafka's jars with Maven into the cache folder, once per change of `pom.xml`. */
export const ensureKafkaJars = async (): Promise<void> => {
  const pom = `${paths.javaSources}/pom.xml`
  if (existsSync(marker()) && statSync(marker()).mtimeMs >= statSync(pom).mtimeMs) return
  mkdirSync(paths.kafkaJars, { recursive: true })
  const goal = ["-B", "-q", "-f", pom, "dependency:copy-dependencies", `-DoutputDirectory=${paths.kafkaJars}`]
  await runOrThrow("mvn", goal, { timeoutMs: 900_000 })
  writeFileSync(marker(), "")
}

export const kafkaClasspath = (): string => `${paths.javaClasses}:${paths.kafkaJars}/*`

/** Compiles the Java programs of this folder against the fetched jars. */
export const ensureJavaClasses = async (): Promise<void> => {
  await ensureKafkaJars()
  mkdirSync(paths.javaClasses, { recursive: true })
  const sources = readdirSync(paths.javaSources).filter((name) => name.endsWith(".java"))
  const newest = Math.max(...sources.map((name) => statSync(`${paths.javaSources}/${name}`).mtimeMs))
  const done = `${paths.javaClasses}/.complete`
  if (existsSync(done) && statSync(done).mtimeMs >= newest) return
  const files = sources.map((name) => `${paths.javaSources}/${name}`)
  await runOrThrow("javac", ["-nowarn", "-cp", `${paths.kafkaJars}/*`, "-d", paths.javaClasses, ...files])
  writeFileSync(done, "")
}

/** Flags that make a short-lived JVM start fast and stay small. */
export const jvmFlags = (heapMiB: number): ReadonlyArray<string> => [
  `-Xmx${heapMiB}m`,
  "-XX:+UseSerialGC",
  "-XX:TieredStopAtLevel=1",
  "-Xshare:auto"
]

/** Runs a Java class with Kafka's jars on the classpath; only errors are logged, to standard error. */
export const runJava = (
  mainClass: string,
  args: ReadonlyArray<string>,
  options: { readonly input?: string; readonly timeoutMs?: number; readonly logLevel?: string } = {}
) =>
  run("java", [
    ...jvmFlags(192),
    `-Dorg.slf4j.simpleLogger.defaultLogLevel=${options.logLevel ?? "error"}`,
    "-Dlog4j2.statusLoggerLevel=OFF",
    "-cp",
    kafkaClasspath(),
    mainClass,
    ...args
  ], options)
