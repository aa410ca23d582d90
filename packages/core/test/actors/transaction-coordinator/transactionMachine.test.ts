import { assert, describe, it } from "@effect/vitest"
import type {
  Transaction,
  TransactionPartitionState,
  TransactionRecord,
  TransactionStateName
} from "../../../src/actors/transaction-coordinator/Transaction.ts"
import type {
  TransactionCommand,
  TransactionReply
} from "../../../src/actors/transaction-coordinator/TransactionCommand.ts"
import type { TransactionDecision } from "../../../src/actors/transaction-coordinator/TransactionDecision.ts"
import { transactionMachine } from "../../../src/actors/transaction-coordinator/transactionMachine.ts"
import { verifyPartition } from "../../../src/actors/transaction-coordinator/addPartitions.ts"
import { ErrorCode } from "../../../src/model/ErrorCode.ts"
import { randomOf } from "../group-coordinator/random.ts"

const transactionalId = "tx"
const nowMs = 1000

const known = (state: TransactionStateName, change: Partial<Transaction> = {}): Transaction => ({
  transactionalId,
  producerId: 7,
  previousProducerId: 7,
  nextProducerId: -1,
  producerEpoch: 5,
  lastProducerEpoch: -1,
  timeoutMs: 100,
  state,
  topics: state === "Ongoing" || state.startsWith("Prepare") ? [{ topic: "t", partitions: [0] }] : [],
  lastUpdateMs: 500,
  startMs: state === "Empty" ? -1 : 400,
  clientTransactionVersion: 2,
  ...change
})

const stateWith = (transaction: Transaction | undefined): TransactionPartitionState => ({
  transactions: new Map(transaction === undefined ? [] : [[transactionalId, transaction]])
})

const replyOf = ({ effects }: TransactionDecision): TransactionReply | undefined => {
  const found = effects.find((effect) => effect._tag === "Reply")
  return found?._tag === "Reply" ? found.reply : undefined
}

/** Decides, applies, and gives what was answered and what is known after. */
const step = (transaction: Transaction | undefined, command: TransactionCommand) => {
  const state = stateWith(transaction)
  const decision = transactionMachine.decide(state, command, nowMs)
  for (const record of decision.records) transactionMachine.replay(state, record, -1)
  if (decision.soft !== undefined) transactionMachine.applySoft(state, decision.soft)
  const reply = replyOf(decision)
  return {
    decision,
    reply,
    errorCode: reply !== undefined && reply._tag !== "NeedsProducerId" ? reply.errorCode : undefined,
    after: state.transactions.get(transactionalId),
    event: decision.effects.find((effect) => effect._tag === "Emit")
  }
}

const init = (
  expected?: { readonly producerId: number; readonly producerEpoch: number },
  freshProducerId?: number
): TransactionCommand => ({
  _tag: "InitProducerId",
  replyTo: 0,
  transactionalId,
  timeoutMs: 200,
  expected,
  supportsEpochBump: true,
  freshProducerId
})

const end = (version: number, isCommit: boolean, epoch: number, freshProducerId?: number): TransactionCommand => ({
  _tag: "EndTransaction",
  replyTo: 0,
  transactionalId,
  producerId: 7,
  producerEpoch: epoch,
  isCommit,
  clientTransactionVersion: version,
  freshProducerId
})

const add = (
  change: Partial<{ producerId: number; producerEpoch: number; partition: number }> = {}
): TransactionCommand => ({
  _tag: "AddPartitions",
  replyTo: 0,
  transactionalId,
  producerId: change.producerId ?? 7,
  producerEpoch: change.producerEpoch ?? 5,
  topics: [{ topic: "t", partitions: [change.partition ?? 1] }],
  clientTransactionVersion: 2
})

const { CONCURRENT_TRANSACTIONS, INVALID_PRODUCER_ID_MAPPING, INVALID_TXN_STATE, NONE, PRODUCER_FENCED } = ErrorCode

describe("InitProducerId", () => {
  it("asks for a producer id before it makes a transactional id, and begins at epoch 0", () => {
    assert.deepStrictEqual(step(undefined, init()).reply, { _tag: "NeedsProducerId" })
    const { after, reply } = step(undefined, init(undefined, 9))
    assert.deepStrictEqual(reply, { _tag: "Producer", errorCode: NONE, producerId: 9, producerEpoch: 0 })
    assert.deepStrictEqual([after?.state, after?.timeoutMs, after?.producerId], ["Empty", 200, 9])
  })

  it.each(["Empty", "CompleteCommit", "CompleteAbort"] as const)("bumps the epoch of one that is %s", (state) => {
    const { after, errorCode } = step(known(state), init())
    assert.deepStrictEqual([errorCode, after?.state, after?.producerEpoch, after?.lastProducerEpoch], [
      NONE,
      "Empty",
      6,
      -1
    ])
  })

  it("remembers the epoch of a producer that tells it, gives a retry the same answer, and fences all others", () => {
    const first = step(known("Empty"), init({ producerId: 7, producerEpoch: 5 }))
    assert.deepStrictEqual([first.after?.producerEpoch, first.after?.lastProducerEpoch], [6, 5])
    const retry = step(first.after, init({ producerId: 7, producerEpoch: 5 }))
    assert.deepStrictEqual(retry.reply, { _tag: "Producer", errorCode: NONE, producerId: 7, producerEpoch: 6 })
    assert.strictEqual(step(first.after, init({ producerId: 7, producerEpoch: 4 })).errorCode, PRODUCER_FENCED)
    assert.strictEqual(step(first.after, init({ producerId: 8, producerEpoch: 6 })).errorCode, PRODUCER_FENCED)
  })

  it("gives a new producer id when the epochs are used up, and knows the old one again", () => {
    const exhausted = known("Empty", { producerEpoch: 32766 })
    assert.deepStrictEqual(step(exhausted, init()).reply, { _tag: "NeedsProducerId" })
    const { after } = step(exhausted, init({ producerId: 7, producerEpoch: 32766 }, 9))
    assert.deepStrictEqual([after?.producerId, after?.producerEpoch, after?.lastProducerEpoch], [9, 0, 32766])
    const retry = step(after, init({ producerId: 7, producerEpoch: 32766 }))
    assert.deepStrictEqual(retry.reply, { _tag: "Producer", errorCode: NONE, producerId: 9, producerEpoch: 0 })
  })

  it.each(["PrepareCommit", "PrepareAbort"] as const)("waits for one that is %s", (state) => {
    assert.strictEqual(step(known(state), init()).errorCode, CONCURRENT_TRANSACTIONS)
  })

  it("aborts an ongoing transaction under a new epoch, and lets the client ask again", () => {
    const { after, errorCode, event } = step(known("Ongoing"), init())
    assert.deepStrictEqual([errorCode, after?.state, after?.producerEpoch], [
      CONCURRENT_TRANSACTIONS,
      "PrepareAbort",
      6
    ])
    assert.isDefined(event)
  })
})

describe("AddPartitions", () => {
  it.each(
    [
      ["an unknown id", undefined, add(), INVALID_PRODUCER_ID_MAPPING],
      ["another producer", known("Ongoing"), add({ producerId: 8 }), INVALID_PRODUCER_ID_MAPPING],
      ["another epoch", known("Ongoing"), add({ producerEpoch: 4 }), PRODUCER_FENCED],
      ["one that is prepared to commit", known("PrepareCommit"), add(), CONCURRENT_TRANSACTIONS],
      ["one that is prepared to abort", known("PrepareAbort"), add(), CONCURRENT_TRANSACTIONS]
    ] as const
  )("answers %s", (_, transaction, command, errorCode) => {
    const result = step(transaction, command)
    assert.deepStrictEqual([result.errorCode, result.decision.records], [errorCode, []])
  })

  it.each(["Empty", "CompleteCommit", "CompleteAbort"] as const)("begins a transaction of one that is %s", (state) => {
    const { after } = step(known(state), add())
    assert.deepStrictEqual([after?.state, after?.startMs, after?.topics], [
      "Ongoing",
      nowMs,
      [{ topic: "t", partitions: [1] }]
    ])
  })

  it("adds to an ongoing transaction, and writes nothing for what it holds", () => {
    const { after } = step(known("Ongoing"), add())
    assert.deepStrictEqual([after?.startMs, after?.topics], [400, [{ topic: "t", partitions: [0, 1] }]])
    const again = step(known("Ongoing"), add({ partition: 0 }))
    assert.deepStrictEqual([again.errorCode, again.decision.records], [NONE, []])
  })

  it("verifies without adding", () => {
    const speaker = { producerId: 7, producerEpoch: 5 }
    assert.strictEqual(verifyPartition(undefined, speaker, "t", 0), INVALID_PRODUCER_ID_MAPPING)
    assert.strictEqual(verifyPartition(known("Ongoing"), { ...speaker, producerEpoch: 4 }, "t", 0), PRODUCER_FENCED)
    assert.strictEqual(verifyPartition(known("PrepareAbort"), speaker, "t", 0), CONCURRENT_TRANSACTIONS)
    assert.strictEqual(verifyPartition(known("Ongoing"), speaker, "t", 0), NONE)
    assert.strictEqual(verifyPartition(known("Ongoing"), speaker, "t", 1), ErrorCode.TRANSACTION_ABORTABLE)
    assert.strictEqual(verifyPartition(known("Empty"), speaker, "t", 0), ErrorCode.TRANSACTION_ABORTABLE)
  })
})

const states = ["Ongoing", "Empty", "CompleteCommit", "CompleteAbort", "PrepareCommit", "PrepareAbort"] as const

describe("EndTxn before version 5", () => {
  const commits = [NONE, INVALID_TXN_STATE, NONE, INVALID_TXN_STATE, CONCURRENT_TRANSACTIONS, INVALID_TXN_STATE]
  const aborts = [NONE, INVALID_TXN_STATE, INVALID_TXN_STATE, NONE, INVALID_TXN_STATE, CONCURRENT_TRANSACTIONS]
  it.each(states.map((state, i) => [state, commits[i], aborts[i]] as const))(
    "of one that is %s answers %i to a commit and %i to an abort, under the same epoch",
    (state, commit, abort) => {
      const committed = step(known(state), end(0, true, 5))
      assert.strictEqual(committed.errorCode, commit)
      assert.strictEqual(step(known(state), end(0, false, 5)).errorCode, abort)
      assert.strictEqual(committed.after?.producerEpoch, 5)
      assert.strictEqual(step(known(state), end(0, true, 4)).errorCode, PRODUCER_FENCED)
    }
  )
})

describe("EndTxn from version 5 on", () => {
  const table = [
    ["Ongoing", NONE, PRODUCER_FENCED, NONE, PRODUCER_FENCED],
    ["Empty", INVALID_TXN_STATE, PRODUCER_FENCED, NONE, PRODUCER_FENCED],
    ["CompleteCommit", INVALID_TXN_STATE, NONE, NONE, INVALID_TXN_STATE],
    ["CompleteAbort", INVALID_TXN_STATE, INVALID_TXN_STATE, NONE, NONE],
    ["PrepareCommit", PRODUCER_FENCED, CONCURRENT_TRANSACTIONS, PRODUCER_FENCED, INVALID_TXN_STATE],
    ["PrepareAbort", PRODUCER_FENCED, INVALID_TXN_STATE, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS]
  ] as const
  it.each(table)("of one that is %s: commit %i, again %i; abort %i, again %i", (state, ...codes) => {
    const found = [end(2, true, 5), end(2, true, 4), end(2, false, 5), end(2, false, 4)]
      .map((command) => step(known(state), command).errorCode)
    assert.deepStrictEqual(found, [...codes])
  })

  it.each([[true, "PrepareCommit"], [false, "PrepareAbort"]] as const)(
    "bumps the epoch, writes the markers under it, and answers it: commit %s",
    (isCommit, state) => {
      const { after, event, reply } = step(known("Ongoing"), end(2, isCommit, 5))
      assert.deepStrictEqual(reply, { _tag: "Producer", errorCode: NONE, producerId: 7, producerEpoch: 6 })
      assert.deepStrictEqual([after?.state, after?.producerEpoch, after?.lastProducerEpoch], [state, 6, 5])
      assert.strictEqual(event?._tag === "Emit" ? event.event.producerEpoch : undefined, 6)
    }
  )

  it("of another producer or an unknown id is refused", () => {
    assert.strictEqual(step(undefined, end(2, true, 5)).errorCode, INVALID_PRODUCER_ID_MAPPING)
    assert.strictEqual(
      step(known("Ongoing", { producerId: 8 }), end(2, true, 5)).errorCode,
      INVALID_PRODUCER_ID_MAPPING
    )
  })

  it("goes on with a new producer id when the epochs are used up, also when the answer was lost", () => {
    const exhausted = known("Ongoing", { producerEpoch: 32766 })
    assert.deepStrictEqual(step(exhausted, end(2, true, 32766)).reply, { _tag: "NeedsProducerId" })
    const prepared = step(exhausted, end(2, true, 32766, 9))
    assert.deepStrictEqual(prepared.reply, { _tag: "Producer", errorCode: NONE, producerId: 9, producerEpoch: 0 })
    assert.deepStrictEqual([prepared.after?.producerId, prepared.after?.producerEpoch], [7, 32767])
    assert.strictEqual(step(prepared.after, end(2, true, 32766)).errorCode, CONCURRENT_TRANSACTIONS)
    const complete = step(prepared.after, written(7, 32767))
    assert.deepStrictEqual([complete.after?.producerId, complete.after?.producerEpoch, complete.after?.state], [
      9,
      0,
      "CompleteCommit"
    ])
    assert.deepStrictEqual(step(complete.after, end(2, true, 32766)).reply, {
      _tag: "Producer",
      errorCode: NONE,
      producerId: 9,
      producerEpoch: 0
    })
  })
})

const written = (producerId: number, producerEpoch: number): TransactionCommand => ({
  _tag: "MarkersWritten",
  replyTo: 0,
  transactionalId,
  producerId,
  producerEpoch
})

describe("the completion of a transaction", () => {
  it.each([["PrepareCommit", "CompleteCommit"], ["PrepareAbort", "CompleteAbort"]] as const)(
    "takes it from %s to %s, once",
    (from, to) => {
      const { after, errorCode } = step(known(from), written(7, 5))
      assert.deepStrictEqual([errorCode, after?.state, after?.topics], [NONE, to, []])
      assert.strictEqual(step(after, written(7, 5)).errorCode, INVALID_TXN_STATE)
      assert.strictEqual(step(known(from), written(7, 4)).errorCode, INVALID_TXN_STATE)
    }
  )

  it("is begun again for what was prepared when the coordinator is loaded", () => {
    const loaded = (state: TransactionStateName) => step(known(state), { _tag: "Loaded", transactionalId }).event
    assert.deepStrictEqual(states.map((state) => loaded(state) !== undefined), [false, false, false, false, true, true])
  })
})

describe("time", () => {
  const timeOut: TransactionCommand = {
    _tag: "TimeOut",
    replyTo: 0,
    transactionalId,
    supportsEpochBump: true,
    freshProducerId: undefined
  }

  it("aborts what took longer than its timeout, and nothing else", () => {
    assert.strictEqual(step(known("Ongoing"), timeOut).after?.state, "PrepareAbort")
    assert.strictEqual(step(known("Ongoing", { timeoutMs: 600 }), timeOut).after?.state, "Ongoing")
    assert.strictEqual(step(known("Empty"), timeOut).after?.state, "Empty")
  })

  it("fences the producer where ends do not bump the epoch", () => {
    const { after } = step(known("Ongoing", { clientTransactionVersion: 0 }), { ...timeOut, supportsEpochBump: false })
    assert.deepStrictEqual([after?.state, after?.producerEpoch, after?.lastProducerEpoch], ["PrepareAbort", 6, -1])
  })

  it("removes an id that is unused, never one with a transaction", () => {
    const expire = { _tag: "Expire", transactionalId, expirationMs: 500 } as const
    const left = states.filter((state) => step(known(state), expire).after !== undefined)
    assert.deepStrictEqual(left, ["Ongoing", "PrepareCommit", "PrepareAbort"])
    assert.isDefined(step(known("Empty", { lastUpdateMs: 501 }), expire).after)
  })
})

describe("any life of a transactional id", () => {
  it("is known again from its log, through the bytes", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const { below } = randomOf(seed)
      const state = transactionMachine.empty()
      const log: Array<TransactionRecord> = []
      for (let i = 0; i < 40; i++) {
        const now = state.transactions.get(transactionalId)
        const producerId = now?.producerId ?? 7
        const producerEpoch = (now?.producerEpoch ?? 0) - (below(5) === 0 ? 1 : 0)
        const fresh = 100 + i
        const choices: ReadonlyArray<TransactionCommand> = [
          init(below(2) === 0 ? undefined : { producerId, producerEpoch }, fresh),
          { ...add({ partition: below(3) }), producerId, producerEpoch } as TransactionCommand,
          { ...end(below(2) * 2, below(2) === 0, producerEpoch, fresh), producerId } as TransactionCommand,
          written(producerId, producerEpoch)
        ]
        const decision = transactionMachine.decide(state, choices[below(choices.length)]!, nowMs + i)
        for (const record of decision.records) {
          log.push(record)
          transactionMachine.replay(state, record, -1)
        }
        if (decision.soft !== undefined) transactionMachine.applySoft(state, decision.soft)
      }
      const again = transactionMachine.empty()
      for (const record of log) {
        const { key, value } = transactionMachine.encode(record)
        const decoded = transactionMachine.decode(key, value)
        assert.isDefined(decoded)
        if (decoded !== undefined) transactionMachine.replay(again, decoded, -1)
      }
      const durable = ({ transactions }: TransactionPartitionState) =>
        [...transactions.values()].map(({ lastProducerEpoch: _, ...rest }) => rest)
      assert.deepStrictEqual(durable(again), durable(state))
    }
  })
})
