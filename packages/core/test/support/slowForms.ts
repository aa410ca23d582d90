import { Effect, Layer } from "effect"
import { LogStore, type PartitionLog } from "../../src/log/LogStore.ts"
import { type LogFile, LogFiles } from "../../src/seams/LogFiles.ts"

/** The object as if it did not have these members. */
const without = <A extends object>(object: A, names: ReadonlyArray<string>): A =>
  new Proxy(object, {
    get: (target, name) => {
      if (typeof name === "string" && names.includes(name)) return undefined
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === "function" ? value.bind(target) : value
    }
  })

/** The log with `append`, `read` and `abortedTransactions` only. */
const slowLog = (log: PartitionLog): PartitionLog => without(log, ["appendNow", "readNow", "abortedTransactionsNow"])

/** The files without `appendNow`. */
export const slowFiles = (files: Layer.Layer<LogFiles>): Layer.Layer<LogFiles> =>
  Layer.effect(
    LogFiles,
    Effect.map(LogFiles, (all) =>
      LogFiles.of({
        ...all,
        open: (path, options) => Effect.map(all.open(path, options), (file): LogFile => without(file, ["appendNow"]))
      }))
  ).pipe(Layer.provide(files))

/** The store without `openNow`, whose logs lack their fast forms. */
export const slowStore = <E, R>(store: Layer.Layer<LogStore, E, R>): Layer.Layer<LogStore, E, R> =>
  Layer.effect(
    LogStore,
    Effect.map(LogStore, (all) =>
      LogStore.of({
        ...without(all, ["openNow"]),
        open: (options) => Effect.map(all.open(options), slowLog)
      }))
  ).pipe(Layer.provide(store))
