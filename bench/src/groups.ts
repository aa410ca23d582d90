/**
 * What consumer groups cost, systems in turn: many classic members form groups, one more joins every group, all beat their
 * hearts, and offsets are committed beside plain produce requests.
 *
 * `node bench/src/groups.ts [--groups 100] [--members 10] [--seconds 2] [--systems kafka-broker,apache-kafka]`
 */
import type { Socket } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { parseArgs } from "node:util"
import { FindCoordinator } from "../../packages/core/src/protocol/apis/FindCoordinator.ts"
import { Heartbeat } from "../../packages/core/src/protocol/apis/Heartbeat.ts"
import { JoinGroup } from "../../packages/core/src/protocol/apis/JoinGroup.ts"
import { OffsetCommit } from "../../packages/core/src/protocol/apis/OffsetCommit.ts"
import { Produce } from "../../packages/core/src/protocol/apis/Produce.ts"
import { SyncGroup } from "../../packages/core/src/protocol/apis/SyncGroup.ts"
import { cpuSecondsOf } from "./generator/ProcessUsage.ts"
import { makeBatch } from "./generator/ProduceTemplate.ts"
import { ask, createTopic, openSocket } from "./generator/Wire.ts"
import { systems } from "./systems/index.ts"
import { type Running, startSystem } from "./systems/System.ts"

const { values } = parseArgs({
  options: {
    groups: { type: "string", default: "100" },
    members: { type: "string", default: "10" },
    seconds: { type: "string", default: "2" },
    systems: { type: "string", default: "kafka-broker,apache-kafka" }
  }
})

const topic = "groups"
const writers = 64
const memberIdRequired = 79
const rebalanceInProgress = 27
const timeoutMs = 60_000
const heartbeatEveryMs = 100

/** One member over a connection of its own. */
interface Member {
  readonly socket: Socket
  readonly groupId: string
  memberId: string
  generationId: number
  /** Members of the generation it has synced with; known to its leader only, 0 elsewhere. */
  groupSize: number
}

const newMember = async (port: number, groupId: string): Promise<Member> => ({
  socket: await openSocket(port),
  groupId,
  memberId: "",
  generationId: -1,
  groupSize: 0
})

/** Joins and syncs until the member is in a generation. */
const join = async (member: Member): Promise<void> => {
  while (true) {
    const { groupId, memberId, socket } = member
    const joined = await ask(socket, JoinGroup, 5, {
      groupId,
      sessionTimeoutMs: timeoutMs,
      rebalanceTimeoutMs: timeoutMs,
      memberId,
      groupInstanceId: null,
      protocolType: "bench",
      protocols: [{ name: "none", metadata: new Uint8Array(8) }],
      reason: null
    })
    member.memberId = joined.memberId
    if (joined.errorCode === memberIdRequired) continue
    if (joined.errorCode !== 0) throw new Error(`JoinGroup: ${joined.errorCode}`)
    const synced = await ask(socket, SyncGroup, 3, {
      groupId,
      generationId: joined.generationId,
      memberId: joined.memberId,
      groupInstanceId: null,
      assignments: joined.members.map((one) => ({ memberId: one.memberId, assignment: new Uint8Array(8) }))
    })
    if (synced.errorCode === rebalanceInProgress) continue
    if (synced.errorCode !== 0) throw new Error(`SyncGroup: ${synced.errorCode}`)
    member.generationId = joined.generationId
    member.groupSize = joined.members.length
    return
  }
}

const beat = ({ generationId, groupId, memberId, socket }: Member) =>
  ask(socket, Heartbeat, 3, { groupId, generationId, memberId, groupInstanceId: null })

/** Lives as members do until every group is whole: all its members in one generation. */
const settle = async (members: ReadonlyArray<Member>, groupSize: number): Promise<number> => {
  const startedAt = performance.now()
  const byGroup = Map.groupBy(members, ({ groupId }) => groupId)
  const isWhole = (group: ReadonlyArray<Member>): boolean =>
    group.every((member) => member.generationId === group[0]!.generationId) &&
    group.some((member) => member.groupSize === groupSize)
  await Promise.all(members.map(async (member) => {
    if (member.generationId < 0) await join(member)
    while (!isWhole(byGroup.get(member.groupId)!)) {
      await delay(heartbeatEveryMs)
      if ((await beat(member)).errorCode === rebalanceInProgress) await join(member)
    }
  }))
  return performance.now() - startedAt
}

/** Requests per second of closed loops, and the broker's CPU for each in microseconds. */
const closedLoops = async (broker: Running, loops: ReadonlyArray<() => Promise<unknown>>) => {
  let requests = 0
  const cpuBefore = cpuSecondsOf(broker.pid)
  const end = performance.now() + Number(values.seconds) * 1_000
  await Promise.all(loops.map(async (once) => {
    for (; performance.now() < end; requests++) await once()
  }))
  const perSecond = Math.round(requests / Number(values.seconds))
  return { perSecond, cpuMicros: Number(((cpuSecondsOf(broker.pid) - cpuBefore) / requests * 1e6).toFixed(1)) }
}

const run = async (broker: Running): Promise<Record<string, number>> => {
  await createTopic(broker.port, topic, 1)
  const first = await openSocket(broker.port)
  const find = () => ask(first, FindCoordinator, 2, { key: "bench", keyType: 0, coordinatorKeys: [] })
  while ((await find()).errorCode !== 0) await delay(heartbeatEveryMs)
  const groupIds = Array.from({ length: Number(values.groups) }, (_, i) => `group-${i}`)
  const size = Number(values.members)
  // One connection after the other: Apache Kafka resets what its listen backlog cannot hold.
  const of = async (count: number): Promise<Array<Member>> => {
    const made: Array<Member> = []
    for (const id of groupIds) for (let i = 0; i < count; i++) made.push(await newMember(broker.port, id))
    return made
  }
  const members = await of(size)
  const formMs = await settle(members, size)
  members.push(...await of(1))
  const joinMs = await settle(members, size + 1)
  const heartbeats = await closedLoops(broker, members.map((member) => () => beat(member)))
  const sockets: Array<Socket> = []
  for (let i = 0; i < writers; i++) sockets.push(await openSocket(broker.port))
  const commits = await closedLoops(
    broker,
    sockets.map((socket, i) => () =>
      ask(socket, OffsetCommit, 7, {
        groupId: `committer-${i}`,
        memberId: "",
        topics: [{
          name: topic,
          topicId: "AAAAAAAAAAAAAAAAAAAAAA" as never,
          partitions: [{ partitionIndex: 0, committedOffset: 0, committedMetadata: "" }]
        }]
      })
    )
  )
  const records = makeBatch({ recordBytes: 100, recordsPerBatch: 1 })
  const produces = await closedLoops(
    broker,
    sockets.map((socket) => () =>
      ask(socket, Produce, 9, {
        acks: -1,
        timeoutMs,
        topicData: [{
          name: topic,
          topicId: "AAAAAAAAAAAAAAAAAAAAAA" as never,
          partitionData: [{ index: 0, records }]
        }]
      })
    )
  )
  for (const socket of [first, ...sockets, ...members.map((member) => member.socket)]) socket.destroy()
  return {
    "form all groups, ms": Math.round(formMs),
    "one more joins each, ms": Math.round(joinMs),
    "heartbeats/s": heartbeats.perSecond,
    "CPU of a heartbeat, us": heartbeats.cpuMicros,
    "commits/s": commits.perSecond,
    "CPU of a commit, us": commits.cpuMicros,
    "produces/s, acks=all": produces.perSecond,
    "CPU of a produce, us": produces.cpuMicros
  }
}

const table: Record<string, Record<string, number>> = {}
for (const name of values.systems.split(",")) {
  const system = systems.find((one) => one.name === name)
  if (system === undefined) throw new Error(`no system ${name}`)
  await system.prepare()
  // Apache Kafka has it in its properties.
  const withoutDelay = name === "kafka-broker" ? ["--set", "group.initial.rebalance.delay.ms=0"] : []
  const broker = await startSystem(system, withoutDelay)
  try {
    table[name] = await run(broker)
  } finally {
    await broker.stop()
  }
}
console.table(table)
