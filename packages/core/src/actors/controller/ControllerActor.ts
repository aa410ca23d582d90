import { Cause, Deferred, Effect, Exit, Layer, Queue } from "effect"
import type { ClusterImage } from "../../metadata/ClusterImage.ts"
import { ImageBuilder } from "../../metadata/ImageBuilder.ts"
import { LeadershipChanges, type TopicChange } from "../../metadata/LeadershipChanges.ts"
import { MetadataLog, type MetadataLogError } from "../../metadata/MetadataLog.ts"
import { MetadataPublisher } from "../../metadata/MetadataPublisher.ts"
import type { MetadataRecord } from "../../metadata/MetadataRecord.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { type OperationError, operationError } from "../../model/OperationError.ts"
import { replayAll } from "../../metadata/replay.ts"
import { Controller, type Decide } from "./Controller.ts"
import { ControllerLimits } from "./ControllerLimits.ts"

/** How a controller begins. */
export interface ControllerOptions<E = never> {
  /**
   * What is decided, in order, on the image of the replayed log before the first image is shown; for one broker alone see
   * `startAlone`.
   */
  readonly startUp: (image: ClusterImage) => Effect.Effect<ReadonlyArray<Decide<unknown>>, E>
  /** Decided last of all, when the controller stops. */
  readonly shutDown: ReadonlyArray<Decide<unknown>>
}

/** One waiting decision. */
interface Command {
  readonly decide: Decide<unknown>
  readonly answer: Deferred.Deferred<unknown, OperationError>
}

/** What a round of decisions came to, before it is in the log. */
interface Round {
  readonly image: ClusterImage
  readonly records: ReadonlyArray<MetadataRecord>
  readonly topics: ReadonlyArray<TopicChange>
  readonly answers: ReadonlyArray<readonly [Command, Exit.Exit<unknown>]>
}

/**
 * The shell around the controller's decisions: one fiber takes what waits in its mailbox, decides each on the image the
 * ones before it leave, appends all records as one batch, then publishes the image, starts the leaders and answers.
 */
const makeController = Effect.fnUntraced(function*<E>(options: ControllerOptions<E>) {
  const log = yield* MetadataLog
  const publisher = yield* MetadataPublisher
  const leadership = yield* LeadershipChanges
  const mailbox = yield* Queue.bounded<Command>(ControllerLimits.mailboxSizeMax)

  /** What the log is replayed on. */
  const blank = publisher.current()
  /** Fails once the log is broken. */
  const failed = Deferred.makeUnsafe<never, MetadataLogError>()
  /** The answer to all commands from then on. */
  let refusal: OperationError | undefined

  /**
   * The first image: what the log holds and what is decided at the start, before anybody sees it. So the leaders begin
   * under the epochs that the start gave them.
   */
  const begin = Effect.gen(function*() {
    while (true) {
      const loaded = replayAll(blank, yield* log.replay)
      const decisions = yield* options.startUp(loaded)
      const commands = decisions.map((decide): Command => ({ decide, answer: Deferred.makeUnsafe() }))
      const { answers, image, records } = yield* decideAll(loaded, commands)
      const appended = yield* Effect.result(
        records.length === 0 ? Effect.succeed(loaded.endOffset) : log.append(loaded.endOffset, records)
      )
      if (appended._tag === "Failure") {
        if (appended.failure._tag === "MetadataLogConflict") continue
        return yield* appended.failure
      }
      for (const [, exit] of answers) yield* exit
      const next = image.endingAt(appended.success)
      publisher.publish(next)
      return yield* leadership.apply(blank, next, differences(blank, next))
    }
  })

  /** Reads the log anew after another controller wrote to it. */
  const load = Effect.gen(function*() {
    const batches = yield* log.replay
    const previous = publisher.current()
    const next = replayAll(blank, batches)
    publisher.publish(next)
    yield* leadership.apply(previous, next, differences(previous, next))
  })

  const commit = Effect.fnUntraced(function*(commands: ReadonlyArray<Command>) {
    while (true) {
      const previous = publisher.current()
      const round = yield* decideAll(previous, commands)
      const appended = yield* Effect.result(
        round.records.length === 0 ? Effect.succeed(previous.endOffset) : log.append(previous.endOffset, round.records)
      )
      if (appended._tag === "Failure") {
        if (appended.failure._tag === "MetadataLogConflict") {
          yield* load
          continue
        }
        const { failure } = appended
        if (failure.reason === "NoSpace") {
          refuseAll(commands, noSpace)
          return yield* Effect.logError(
            `Nothing of the cluster can be changed until there is space: ${failure.message}`
          )
        }
        return yield* endAll(commands, failure)
      }
      if (round.records.length > 0) {
        const next = round.image.endingAt(appended.success)
        publisher.publish(next)
        yield* leadership.apply(previous, next, round.topics)
      }
      for (const [command, exit] of round.answers) Deferred.doneUnsafe(command.answer, exit)
      return
    }
  })

  /** After such a failure nobody knows what the log holds, so no later decision is made: only a new start reads it. */
  const endAll = (commands: ReadonlyArray<Command>, failure: MetadataLogError) =>
    Effect.gen(function*() {
      const sentence = `Nothing of the cluster can be changed until the broker is started again: ${failure.message}`
      refusal = operationError(ErrorCode.KAFKA_STORAGE_ERROR, sentence)
      yield* Effect.logError(`The metadata log failed. ${sentence}`)
      refuseAll(commands, refusal)
      Deferred.doneUnsafe(failed, Exit.fail(failure))
    })

  const work = Effect.gen(function*() {
    const commands = yield* Queue.takeAll(mailbox)
    if (refusal !== undefined) return refuseAll(commands, refusal)
    yield* commit(commands).pipe(
      Effect.catch((failure) => endAll(commands, failure)),
      Effect.onError((cause) => {
        const died = Exit.die(Cause.squash(cause))
        for (const command of commands) Deferred.doneUnsafe(command.answer, died)
        return Effect.void
      })
    )
  })

  const run = <Reply>(decide: Decide<Reply>) =>
    Effect.suspend(() => {
      if (refusal !== undefined) return Effect.fail(refusal)
      const answer = Deferred.makeUnsafe<unknown, OperationError>()
      return Queue.offer(mailbox, { decide, answer }).pipe(
        Effect.flatMap((accepted) => accepted ? Deferred.await(answer) : Effect.fail(stopped))
      ) as Effect.Effect<Reply, OperationError>
    })

  yield* begin
  yield* Effect.forkScoped(Effect.ensuring(Effect.forever(work), close(mailbox)))
  yield* Effect.addFinalizer(() => Effect.ignore(Effect.forEach(options.shutDown, run, { discard: true })))

  return Controller.of({ run, failed: Deferred.await(failed), refusal: () => refusal })
})

const noSpace = operationError(
  ErrorCode.KAFKA_STORAGE_ERROR,
  "There is no space for the metadata log: nothing was changed."
)

const stopped = operationError(ErrorCode.NOT_CONTROLLER, "The controller has stopped: the broker shuts down.")

const refuseAll = (commands: ReadonlyArray<Command>, refusal: OperationError): void => {
  for (const { answer } of commands) Deferred.doneUnsafe(answer, Exit.fail(refusal))
}

const close = (mailbox: Queue.Queue<Command>) =>
  Effect.andThen(
    Effect.map(Queue.clear(mailbox), (commands) => refuseAll(commands, stopped)),
    Queue.shutdown(mailbox)
  )

/** Runs the decisions in order, each on the image the ones before it leave. One that throws harms only its caller. */
const decideAll = Effect.fnUntraced(function*(image: ClusterImage, commands: ReadonlyArray<Command>) {
  const records: Array<MetadataRecord> = []
  const topics = new Map<string, TopicChange>()
  const answers: Array<readonly [Command, Exit.Exit<unknown>]> = []
  let current = image
  for (const command of commands) {
    const seen = current
    const decision = yield* Effect.exit(Effect.sync(() => command.decide(seen)))
    answers.push([command, Exit.map(decision, ({ reply }) => reply)])
    if (Exit.isFailure(decision) || decision.value.records.length === 0) continue
    const builder = new ImageBuilder(current)
    for (const record of decision.value.records) {
      builder.replay(record)
      records.push(record)
    }
    for (const { after, before } of builder.changedTopics()) {
      const id = (after ?? before)!.id
      topics.set(id, { before: topics.has(id) ? topics.get(id)!.before : before, after })
    }
    current = builder.build(image.endOffset)
  }
  return { image: current, records, topics: Array.from(topics.values()), answers } satisfies Round
})

const differences = (previous: ClusterImage, next: ClusterImage): ReadonlyArray<TopicChange> => [
  ...previous.topics().flatMap((before) => {
    const after = next.topicById(before.id)
    return after === before ? [] : [{ before, after }]
  }),
  ...next.topics().flatMap((after) => previous.topicById(after.id) === undefined ? [{ before: undefined, after }] : [])
]

/** The controller of this broker; ready once the metadata log is replayed and its leaders are running. */
export const layerController = <E = never>(
  options: ControllerOptions<E> = { startUp: () => Effect.succeed([]), shutDown: [] }
): Layer.Layer<Controller, MetadataLogError | E, MetadataLog | MetadataPublisher | LeadershipChanges> =>
  Layer.effect(Controller, makeController(options))
