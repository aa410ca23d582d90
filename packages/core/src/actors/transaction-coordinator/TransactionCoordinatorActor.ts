import { Clock, Effect, FiberSet, Layer } from "effect"
import type { Scope } from "effect"
import { BrokerConfig } from "../../config/BrokerConfig.ts"
import { FeatureName } from "../../metadata/FeatureName.ts"
import { Metadata } from "../../metadata/Metadata.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import type { Compression } from "../../seams/Compression.ts"
import { ProducerIds } from "../controller/ProducerIds.ts"
import type { ReplyTo } from "../coordinator-runtime/CoordinatorMachine.ts"
import { type CoordinatorRuntime, makeCoordinatorRuntime } from "../coordinator-runtime/CoordinatorRuntime.ts"
import type { PartitionLeaders } from "../partition-leader/PartitionLeaders.ts"
import { verifyPartition } from "./addPartitions.ts"
import { isTimedOut } from "./endTransaction.ts"
import type { Transaction } from "./Transaction.ts"
import type {
  AddPartitionsCommand,
  MarkersWanted,
  ProducerReply,
  TransactionCommand,
  TransactionReply
} from "./TransactionCommand.ts"
import { type AddToTransactionRequest, type MarkersToWrite, TransactionCoordinator } from "./TransactionCoordinator.ts"
import type { TransactionCoordination } from "./TransactionDecision.ts"
import { isExpired, transactionMachine } from "./transactionMachine.ts"

/** Pause before the completion of a transaction is written again. */
const retryBackoffMs = 100
/** From this level on the broker's own aborts bump the epoch too. Source: TransactionVersion.TV_2. */
const epochBumpLevel = 2

type Runtime = CoordinatorRuntime<TransactionCoordination>

const refused = (errorCode: ErrorCode): ProducerReply => ({
  _tag: "Producer",
  errorCode,
  producerId: -1,
  producerEpoch: -1
})

const addCommand = (request: AddToTransactionRequest) => (replyTo: ReplyTo): AddPartitionsCommand => ({
  ...request,
  _tag: "AddPartitions",
  replyTo
})

/**
 * Asks for a command that may need a producer id no producer had: only then one is taken, and the command sent again.
 * Source: TransactionCoordinator.handleInitProducerId, RPCProducerIdManager.
 */
const makeAskWithProducerId = (runtime: Runtime, producerIds: ProducerIds["Service"]) =>
(
  transactionalId: string,
  command: (replyTo: ReplyTo, freshProducerId: number | undefined) => TransactionCommand
): Effect.Effect<TransactionReply> => {
  const ask = (freshProducerId: number | undefined): Effect.Effect<TransactionReply> =>
    runtime.ask(
      transactionalId,
      (replyTo) => command(replyTo, freshProducerId),
      (reply) => reply,
      refused
    )
  return Effect.flatMap(
    ask(undefined),
    (reply) =>
      reply._tag !== "NeedsProducerId" ? Effect.succeed(reply) : Effect.matchEffect(producerIds.next, {
        // The client tries again.
        onFailure: () => Effect.succeed(refused(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)),
        onSuccess: ask
      })
  )
}

const producerOf = (reply: TransactionReply): ProducerReply =>
  reply._tag === "Producer" ? reply : refused(ErrorCode.UNKNOWN_SERVER_ERROR)

/** The transactions of all partitions led here, or the code of the first that cannot be read. */
const readAll = (runtime: Runtime): Effect.Effect<ReadonlyArray<Transaction> | ErrorCode> =>
  Effect.gen(function*() {
    const all: Array<Transaction> = []
    for (const partition of runtime.partitions()) {
      const found = yield* Effect.callback<ReadonlyArray<Transaction> | ErrorCode>((resume) =>
        partition.read((state) => [...state.transactions.values()], {
          complete: (transactions) => resume(Effect.succeed(transactions)),
          fail: (errorCode) => resume(Effect.succeed(errorCode))
        })
      )
      if (typeof found !== "number") all.push(...found)
      else if (found !== ErrorCode.NOT_COORDINATOR) return found
    }
    return all
  })

/** Writes that every marker is written, until the log takes it or the coordinator is another. */
const complete = (runtime: Runtime, markers: MarkersWanted): Effect.Effect<void> =>
  Effect.gen(function*() {
    const { producerEpoch, producerId, transactionalId } = markers
    for (;;) {
      const errorCode = yield* runtime.ask(
        transactionalId,
        (replyTo) => ({ _tag: "MarkersWritten", replyTo, transactionalId, producerId, producerEpoch }),
        (reply) => reply._tag === "Code" ? reply.errorCode : undefined,
        (errorCode) => errorCode
      )
      if (errorCode !== ErrorCode.COORDINATOR_NOT_AVAILABLE) return
      yield* Effect.sleep(retryBackoffMs)
    }
  })

/** Repeats an effect with so much time in between, while the scope is open. */
const every = (intervalMs: number, effect: Effect.Effect<void>): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(intervalMs), effect))))

const makeTransactionCoordinator: Effect.Effect<
  TransactionCoordinator["Service"],
  never,
  Scope.Scope | Metadata | PartitionLeaders | BrokerConfig | Compression | ProducerIds
> = Effect.gen(function*() {
  const { transactions: settings } = yield* BrokerConfig
  const metadata = yield* Metadata
  const clock = yield* Clock.Clock
  const producerIds = yield* ProducerIds
  const run = yield* FiberSet.makeRuntime<never>()
  // Markers that are wanted before anything can write them: one entry for each prepared transaction.
  let waiting: Array<MarkersWanted> = []
  let write: ((markers: MarkersToWrite) => Effect.Effect<boolean>) | undefined
  const emit = (markers: MarkersWanted): void => {
    if (write === undefined) {
      waiting.push(markers)
      return
    }
    const coordinatorEpoch = runtime.of(markers.transactionalId)?.leaderEpoch ?? -1
    run(Effect.flatMap(
      markers.topics.length === 0 ? Effect.succeed(true) : write({ ...markers, coordinatorEpoch }),
      (isWritten) => isWritten ? complete(runtime, markers) : Effect.void
    ))
  }
  const runtime: Runtime = yield* makeCoordinatorRuntime<TransactionCoordination>({
    machine: transactionMachine,
    appendTimeoutMs: settings.appendTimeoutMs,
    emit
  })
  const askWithProducerId = makeAskWithProducerId(runtime, producerIds)
  const supportsEpochBump = (): boolean =>
    (metadata.current().features.get(FeatureName.transactions) ?? 0) >= epochBumpLevel

  const abortTimedOut = Effect.gen(function*() {
    const found = yield* readAll(runtime)
    if (typeof found === "number") return
    const nowMs = clock.currentTimeMillisUnsafe()
    for (const transaction of found) {
      if (!isTimedOut(transaction, nowMs)) continue
      const { transactionalId } = transaction
      yield* Effect.logInfo(`Aborting the transaction of ${transactionalId}, which took longer than its timeout`)
      yield* askWithProducerId(transactionalId, (replyTo, freshProducerId) => ({
        _tag: "TimeOut",
        replyTo,
        transactionalId,
        supportsEpochBump: supportsEpochBump(),
        freshProducerId
      }))
    }
  })
  const { idExpirationMs: expirationMs } = settings
  const removeExpired = Effect.sync(() => {
    for (const partition of runtime.partitions()) {
      partition.sweep((state, nowMs) =>
        [...state.transactions.values()]
          .filter((transaction) => isExpired(transaction, expirationMs, nowMs))
          .map(({ transactionalId }) => ({ _tag: "Expire", transactionalId, expirationMs }))
      )
    }
  })
  yield* every(settings.abortTimedOutIntervalMs, abortTimedOut)
  yield* every(settings.removeExpiredIntervalMs, removeExpired)
  runtime.loadAll()

  const addPartitionsDirect: TransactionCoordinator["Service"]["addPartitionsDirect"] = (request, reply) =>
    void runtime.submit(request.transactionalId, addCommand(request), {
      complete: (answer) => reply(answer._tag === "Code" ? answer.errorCode : ErrorCode.UNKNOWN_SERVER_ERROR),
      fail: reply
    })
  return {
    initProducerId: ({ expected, timeoutMs, transactionalId }) =>
      Effect.map(
        askWithProducerId(transactionalId, (replyTo, freshProducerId) => ({
          _tag: "InitProducerId",
          replyTo,
          transactionalId,
          timeoutMs,
          expected,
          supportsEpochBump: supportsEpochBump(),
          freshProducerId
        })),
        producerOf
      ),
    addPartitions: (request) =>
      Effect.callback((resume) => addPartitionsDirect(request, (errorCode) => resume(Effect.succeed(errorCode)))),
    addPartitionsDirect,
    verifyPartitionsDirect: (producer, reply) => {
      const partition = runtime.of(producer.transactionalId)
      if (partition === undefined) return reply(() => ErrorCode.NOT_COORDINATOR)
      partition.read(({ transactions }) => transactions.get(producer.transactionalId), {
        complete: (transaction) => reply((topic, index) => verifyPartition(transaction, producer, topic, index)),
        fail: (errorCode) => reply(() => errorCode)
      })
    },
    endTransaction: (request) =>
      Effect.map(
        askWithProducerId(request.transactionalId, (replyTo, freshProducerId) => ({
          ...request,
          _tag: "EndTransaction",
          replyTo,
          freshProducerId
        })),
        producerOf
      ),
    describe: (transactionalId) =>
      runtime.read<Transaction | ErrorCode>(
        transactionalId,
        ({ transactions }) => transactions.get(transactionalId) ?? ErrorCode.TRANSACTIONAL_ID_NOT_FOUND,
        (errorCode) => errorCode
      ),
    list: readAll(runtime),
    writeMarkersWith: (writer) =>
      Effect.sync(() => {
        write = writer
        const early = waiting
        waiting = []
        for (const markers of early) emit(markers)
      })
  }
})

/** Partitions are loaded when the layer is built and on first use; fibers end with the layer. */
export const layerTransactionCoordinator: Layer.Layer<
  TransactionCoordinator,
  never,
  Metadata | PartitionLeaders | BrokerConfig | Compression | ProducerIds
> = Layer.effect(TransactionCoordinator, makeTransactionCoordinator)
