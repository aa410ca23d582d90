import { Cause, Deferred, Effect, Exit, Layer, Queue, Stream } from "effect"
import { ConfigRules } from "../../config/ConfigRules.ts"
import type { ClusterImage } from "../../metadata/ClusterImage.ts"
import { imageRecords } from "../../metadata/imageRecords.ts"
import { ImageBuilder } from "../../metadata/ImageBuilder.ts"
import { LeadershipChanges, type TopicChange } from "../../metadata/LeadershipChanges.ts"
import { MetadataLog, type MetadataLogError } from "../../metadata/MetadataLog.ts"
import { MetadataPublisher } from "../../metadata/MetadataPublisher.ts"
import type { MetadataRecord } from "../../metadata/MetadataRecord.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { type OperationError, operationError } from "../../model/OperationError.ts"
import { Controller, type ControllerDecision } from "./Controller.ts"
import type {
  ControllerCommand,
  ControllerCommandOf,
  ControllerCommandTag,
  ControllerReplyOf
} from "./ControllerCommand.ts"
import { ControllerLimits } from "./ControllerLimits.ts"
import { decide } from "./decide.ts"

/** How a controller begins. */
export interface ControllerOptions<E = never> {
  /**
   * What is decided, in order, on the image of the replayed log before the first image is shown; for one broker alone see
   * `startAlone`.
   */
  readonly startUp: (image: ClusterImage) => Effect.Effect<ReadonlyArray<ControllerCommand>, E>
  /** Decided last of all, when the controller stops. */
  readonly shutDown: ReadonlyArray<ControllerCommand>
  /** The machine; default: that of Kafka's controller. */
  readonly decide?: typeof decide
}

/** One waiting command. */
interface Waiting {
  readonly _tag: "Decide"
  readonly command: ControllerCommand
  readonly answer: Deferred.Deferred<unknown, OperationError>
}

/** An entry of the mailbox that asks for nothing but to read what others appended. */
const followOthers = { _tag: "Follow" } as const
type FollowOthers = typeof followOthers

/** What a round of decisions came to, before it is in the log. */
interface Round {
  readonly image: ClusterImage
  readonly records: ReadonlyArray<MetadataRecord>
  readonly topics: ReadonlyArray<TopicChange>
  readonly answers: ReadonlyArray<readonly [Waiting, Exit.Exit<unknown>]>
}

/**
 * The shell around the controller's decisions: one fiber takes what waits in its mailbox, decides each on the image the
 * ones before it leave, appends all records as one batch, then publishes the image, starts the leaders and answers.
 */
const makeController = Effect.fnUntraced(function*<E>(options: ControllerOptions<E>) {
  const log = yield* MetadataLog
  const publisher = yield* MetadataPublisher
  const leadership = yield* LeadershipChanges
  const mailbox = yield* Queue.bounded<Waiting | FollowOthers>(ControllerLimits.mailboxSizeMax)

  const rules = yield* ConfigRules
  const machine: Machine = (image, command) => (options.decide ?? decide)(image, command, rules)
  /** What the log is replayed on. */
  const blank = publisher.current()
  /** Fails once the log is broken. */
  const failed = Deferred.makeUnsafe<never, MetadataLogError>()
  /** The answer to all commands from then on. */
  let refusal: OperationError | undefined
  /** Whether the log may hold more than the image shows. */
  let mustFollow = false

  /** The image after what the log has above `image`, and the topics that differ. */
  const readOn = Effect.fnUntraced(function*(image: ClusterImage) {
    const { batches, isFromSnapshot } = yield* log.readFrom(image.endOffset)
    const builder = new ImageBuilder(isFromSnapshot ? blank : image)
    for (const { records } of batches) for (const record of records) builder.replay(record)
    const changed = builder.changedTopics()
    const next = builder.build(batches.at(-1)?.endOffset ?? image.endOffset)
    return { next, topics: isFromSnapshot ? differences(image, next) : changed }
  })

  /**
   * The first image: what the log holds and what is decided at the start, before anybody sees it. So the leaders begin
   * under the epochs that the start gave them.
   */
  const begin = Effect.gen(function*() {
    while (true) {
      const { next: loaded } = yield* readOn(blank)
      const commands = (yield* options.startUp(loaded)).map(waitingFor)
      const { answers, image, records } = yield* decideAll(machine, loaded, commands)
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
      yield* leadership.apply(blank, next, differences(blank, next))
      return yield* snapshot
    }
  })

  /** Takes over what others appended since the current image. */
  const follow = Effect.gen(function*() {
    const previous = publisher.current()
    const { next, topics } = yield* readOn(previous)
    mustFollow = false
    if (next.endOffset === previous.endOffset) return
    publisher.publish(next)
    yield* leadership.apply(previous, next, topics)
  })

  /** A snapshot that is not made costs time at the next start, and nothing else. */
  const snapshot = Effect.suspend(() => {
    const image = publisher.current()
    // What a transaction began is in no image before it ends.
    if (image.parts.openTransaction !== undefined) return Effect.void
    return Effect.catch(
      log.snapshotIfDue(image.endOffset, () => imageRecords(image)),
      (error) => Effect.logWarning(`No snapshot of the metadata log was made: ${error.message}`)
    )
  })

  const commit = Effect.fnUntraced(function*(commands: ReadonlyArray<Waiting>) {
    if (mustFollow) yield* follow
    while (true) {
      const previous = publisher.current()
      const round = yield* decideAll(machine, previous, commands)
      const appended = yield* Effect.result(
        round.records.length === 0 ? Effect.succeed(previous.endOffset) : log.append(previous.endOffset, round.records)
      )
      if (appended._tag === "Failure") {
        if (appended.failure._tag !== "MetadataLogConflict") return yield* appended.failure
        yield* follow
        continue
      }
      if (round.records.length > 0) {
        const next = round.image.endingAt(appended.success)
        publisher.publish(next)
        yield* leadership.apply(previous, next, round.topics)
      }
      for (const [command, exit] of round.answers) Deferred.doneUnsafe(command.answer, exit)
      if (round.records.length > 0) yield* snapshot
      return
    }
  })

  /**
   * The commands did not take place, or may have; the log goes on unless it failed for good. After a failure for good
   * the content of the log is unknown, so no later decision is made: only a new start reads it.
   */
  const fail = (commands: ReadonlyArray<Waiting>, failure: MetadataLogError) =>
    Effect.gen(function*() {
      const { message, reason } = failure
      if (reason === "Unknown") mustFollow = true
      const passing = passingRefusals[reason]
      if (passing !== undefined) {
        yield* Effect.logError(`The metadata log did not take a change (${reason}): ${message}`)
        return refuseAll(commands, passing)
      }
      const sentence = `Nothing of the cluster can be changed until the broker is started again: ${message}`
      refusal = operationError(ErrorCode.KAFKA_STORAGE_ERROR, sentence)
      yield* Effect.logError(`The metadata log failed. ${sentence}`)
      refuseAll(commands, refusal)
      Deferred.doneUnsafe(failed, Exit.fail(failure))
    })

  const work = Effect.gen(function*() {
    const taken = yield* Queue.takeAll(mailbox)
    const commands = taken.filter((entry) => entry._tag === "Decide")
    if (refusal !== undefined) return refuseAll(commands, refusal)
    const work = commands.length === 0 ? follow : commit(commands)
    yield* work.pipe(
      Effect.catch((failure) => fail(commands, failure)),
      Effect.onError((cause) => {
        const died = Exit.die(Cause.squash(cause))
        for (const command of commands) Deferred.doneUnsafe(command.answer, died)
        return Effect.void
      })
    )
  })

  const run = <Tag extends ControllerCommandTag>(command: ControllerCommandOf<Tag>) =>
    Effect.suspend(() => {
      if (refusal !== undefined) return Effect.fail(refusal)
      const waiting = waitingFor(command)
      return Queue.offer(mailbox, waiting).pipe(
        Effect.flatMap((accepted) => accepted ? Deferred.await(waiting.answer) : Effect.fail(stopped))
      ) as Effect.Effect<ControllerReplyOf<Tag>, OperationError>
    })

  yield* begin
  yield* Effect.forkScoped(Effect.ensuring(Effect.forever(work), close(mailbox)))
  yield* Effect.forkScoped(Stream.runForEach(log.changes, () => Queue.offer(mailbox, followOthers)))
  yield* Effect.addFinalizer(() =>
    Effect.ignore(Effect.forEach(options.shutDown, (command) => run(command), { discard: true }))
  )

  return Controller.of({ run, failed: Deferred.await(failed), refusal: () => refusal })
})

/** The answers to commands whose records were not taken, by why; any other failure is for good. */
const passingRefusals: Partial<Record<MetadataLogError["reason"], OperationError>> = {
  NoSpace: operationError(
    ErrorCode.KAFKA_STORAGE_ERROR,
    "There is no space for the metadata log: nothing was changed."
  ),
  Unavailable: operationError(
    ErrorCode.KAFKA_STORAGE_ERROR,
    "The metadata log cannot be reached at the moment: nothing was changed."
  ),
  Unknown: operationError(
    ErrorCode.REQUEST_TIMED_OUT,
    "The metadata log did not say whether it took the change."
  )
}

const stopped = operationError(ErrorCode.NOT_CONTROLLER, "The controller has stopped: the broker shuts down.")

const refuseAll = (commands: ReadonlyArray<Waiting>, refusal: OperationError): void => {
  for (const { answer } of commands) Deferred.doneUnsafe(answer, Exit.fail(refusal))
}

const close = (mailbox: Queue.Queue<Waiting | FollowOthers>) =>
  Effect.andThen(
    Effect.map(
      Queue.clear(mailbox),
      (entries) => refuseAll(entries.filter((entry) => entry._tag === "Decide"), stopped)
    ),
    Queue.shutdown(mailbox)
  )

/** What decides, with all it needs beside the image. */
type Machine = (image: ClusterImage, command: ControllerCommand) => ControllerDecision<unknown>

const waitingFor = (command: ControllerCommand): Waiting => ({
  _tag: "Decide",
  command,
  answer: Deferred.makeUnsafe()
})

/** Decides the commands in order, each on the image the ones before it leave. One that throws harms only its caller. */
const decideAll = Effect.fnUntraced(function*(machine: Machine, image: ClusterImage, commands: ReadonlyArray<Waiting>) {
  const records: Array<MetadataRecord> = []
  const topics = new Map<string, TopicChange>()
  const answers: Array<readonly [Waiting, Exit.Exit<unknown>]> = []
  let current = image
  for (const command of commands) {
    const seen = current
    const decision = yield* Effect.exit(Effect.sync(() => machine(seen, command.command)))
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
): Layer.Layer<Controller, MetadataLogError | E, ConfigRules | MetadataLog | MetadataPublisher | LeadershipChanges> =>
  Layer.effect(Controller, makeController(options))
