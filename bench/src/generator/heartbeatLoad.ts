import type { Socket } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { FindCoordinator } from "../../../packages/core/src/protocol/apis/FindCoordinator.ts"
import { Heartbeat } from "../../../packages/core/src/protocol/apis/Heartbeat.ts"
import { JoinGroup } from "../../../packages/core/src/protocol/apis/JoinGroup.ts"
import { LeaveGroup } from "../../../packages/core/src/protocol/apis/LeaveGroup.ts"
import { SyncGroup } from "../../../packages/core/src/protocol/apis/SyncGroup.ts"
import type { HeartbeatLoad, RunOrder, RunResult } from "./Load.ts"
import { Meter } from "./Meter.ts"
import { openSockets } from "./produceLoad.ts"
import { int32At, ResponseStream } from "./ResponseStream.ts"
import { ask, requestFrame } from "./Wire.ts"

/** Not flexible, and without the second join that later versions ask for (KIP-394). */
const joinVersion = 2
const syncVersion = 2
const heartbeatVersion = 2
/** Tries while a broker creates and loads the topic of groups. */
const triesMax = 200
const tryAgainMs = 50
const correlationIdAt = 8

interface Member {
  readonly generationId: number
  readonly memberId: string
}

const untilServed = async <A extends { readonly errorCode: number }>(what: string, attempt: () => Promise<A>) => {
  for (let tries = 1;; tries++) {
    const answer = await attempt()
    if (answer.errorCode === 0) return answer
    if (tries === triesMax) throw new Error(`${what} was answered with error ${answer.errorCode}`)
    await delay(tryAgainMs)
  }
}

const join = async (socket: Socket, groupId: string): Promise<Member> => {
  await untilServed(
    "FindCoordinator",
    () => ask(socket, FindCoordinator, 1, { key: groupId, keyType: 0, coordinatorKeys: [] })
  )
  const { generationId, memberId } = await untilServed("JoinGroup", () =>
    ask(socket, JoinGroup, joinVersion, {
      groupId,
      sessionTimeoutMs: 45_000,
      rebalanceTimeoutMs: 45_000,
      memberId: "",
      protocolType: "consumer",
      protocols: [{ name: "range", metadata: new Uint8Array(6) }]
    }))
  const assignments = [{ memberId, assignment: new Uint8Array(0) }]
  await untilServed(
    "SyncGroup",
    () => ask(socket, SyncGroup, syncVersion, { groupId, generationId, memberId, assignments })
  )
  return { generationId, memberId }
}

/** Sends heartbeats one after the other and checks the answers; returns how to start. */
const beat = (socket: Socket, groupId: string, member: Member, meter: Meter): () => void => {
  const frame = requestFrame(Heartbeat, heartbeatVersion, { groupId, ...member })
  let correlationId = 0
  let sentAt = 0
  const send = (): void => {
    const next = Buffer.from(frame)
    next.writeInt32BE(correlationId, correlationIdAt)
    sentAt = performance.now()
    socket.write(next)
  }
  new ResponseStream(socket, (bytes, at) => {
    const error = (bytes[at + 8]! << 8) | bytes[at + 9]!
    if (int32At(bytes, at) !== correlationId || error !== 0) {
      return meter.onError(new Error(`Heartbeat was answered with error ${error}`))
    }
    correlationId++
    meter.latency.add(performance.now() - sentAt)
    // Counted as a record, so that the columns by record say what a heartbeat costs.
    meter.add(1, 1, 0)
    if (!meter.isOver) send()
  }, () => undefined)
  return send
}

/** Groups that are stable and heartbeat as fast as they are answered. */
export const runHeartbeat = async (order: RunOrder, load: HeartbeatLoad): Promise<RunResult> => {
  const meter = new Meter(order)
  const sockets = await openSockets(order.port, load.groups)
  const members = await Promise.all(sockets.map((socket, index) => join(socket, `${order.topic}-${index}`)))
  const starts = sockets.map((socket, index) => beat(socket, `${order.topic}-${index}`, members[index]!, meter))
  try {
    for (const start of starts) start()
    return await meter.timed()
  } finally {
    meter.isOver = true
    for (const socket of sockets) socket.destroy()
    const [socket] = await openSockets(order.port, 1)
    for (const [index, { memberId }] of members.entries()) {
      await ask(socket!, LeaveGroup, 1, { groupId: `${order.topic}-${index}`, memberId, members: [] })
    }
    socket!.destroy()
  }
}
