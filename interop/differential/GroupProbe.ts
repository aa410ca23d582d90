import { type AnyApi, apis } from "@kafka-broker/core/protocol"
import { type Case, test } from "./Case.ts"
import { type Body, Probe } from "./Probe.ts"

/** Codes of a coordinator that is not there yet. */
const coordinatorErrors: ReadonlyArray<unknown> = [14, 15, 16]

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

const text = (value: string): Buffer => Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)])

/** A subscription as consumers put it into JoinGroup, in version 0 of their protocol. */
export const subscription = (...topics: ReadonlyArray<string>): Uint8Array =>
  Buffer.concat([int16(0), int32(topics.length), ...topics.map(text), int32(-1)])

/** An assignment as a leader puts it into SyncGroup, in version 0 of the consumers' protocol. */
export const assignment = (topic: string, ...partitions: ReadonlyArray<number>): Uint8Array =>
  Buffer.concat([int16(0), int32(1), text(topic), int32(partitions.length), ...partitions.map(int32), int32(-1)])

/** One protocol of JoinGroup, whose metadata is `name` when none is given. */
export const protocol = (name: string, metadata: Uint8Array = Buffer.from(name)): Body => ({ name, metadata })

/** One member's connection: a parked JoinGroup holds up no other member. */
export interface Peer {
  /** Sends and records when the answer is there. */
  readonly send: (api: AnyApi, version: number, body: Body, label?: string) => Promise<Body>
  /** Sends at once, to be recorded later, when the order of the answers is settled. */
  readonly ask: (api: AnyApi, version: number, body: Body) => Promise<Body>
}

/** The requests of one group's members to one broker. */
export class GroupProbe {
  readonly probe: Probe
  readonly groupId: string
  private readonly peers: Array<Probe> = []

  constructor(probe: Probe, groupId: string) {
    this.probe = probe
    this.groupId = groupId
  }

  /** Waits until the group's coordinator serves. */
  async ready(): Promise<void> {
    const { groupId, probe } = this
    const found = (body: Body) => !coordinatorErrors.includes(body.coordinators[0].errorCode)
    await probe.quietUntil(apis.FindCoordinator, 4, { keyType: 0, coordinatorKeys: [groupId] }, found)
    const serves = (body: Body) => !coordinatorErrors.includes(body.groups[0].errorCode)
    await probe.quietUntil(apis.DescribeGroups, 5, { groups: [groupId] }, serves)
    // Cases use further groups, on any partition.
    const lists = (body: Body) => !coordinatorErrors.includes(body.errorCode)
    await probe.quietUntil(apis.ListGroups, 4, { statesFilter: [], typesFilter: [] }, lists)
  }

  /** A connection of its own, closed when the case is over. */
  peer(): Peer {
    const own = new Probe(this.probe.address, this.probe.prefix)
    this.peers.push(own)
    const ask = (api: AnyApi, version: number, body: Body) =>
      own.quiet(api, version, { groupId: this.groupId, ...body })
    return {
      ask,
      send: async (api, version, body, label) => this.record(api, version, await ask(api, version, body), label)
    }
  }

  record(api: AnyApi, version: number, answer: Body, label = `${api.name} v${version}`): Body {
    this.probe.record(label, api.name, answer)
    return answer
  }

  close(): void {
    for (const peer of this.peers) peer.close()
  }
}

/** A case about one group whose coordinator serves. */
export const groupTest = (name: string, run: (group: GroupProbe) => Promise<void>): Case =>
  test(name, async (probe) => {
    const group = new GroupProbe(probe, probe.name("-group"))
    try {
      await group.ready()
      await run(group)
    } finally {
      group.close()
    }
  })

/** The same {@link groupTest} for every version from `min` to `max`. */
export const eachGroupVersion = (
  api: AnyApi,
  [min, max]: readonly [number, number],
  name: string,
  run: (group: GroupProbe, version: number) => Promise<void>
): ReadonlyArray<Case> =>
  Array.from(
    { length: max - min + 1 },
    (_, index) => groupTest(`${api.name} v${min + index}: ${name}`, (group) => run(group, min + index))
  )

/** Fields of a JoinGroup that is accepted. */
export const joining = (options: Body = {}): Body => ({
  sessionTimeoutMs: 30_000,
  rebalanceTimeoutMs: 30_000,
  memberId: "",
  groupInstanceId: null,
  protocolType: "consumer",
  protocols: [protocol("range", subscription("a-topic"))],
  ...options
})

/** Joins as a new member, by way of MEMBER_ID_REQUIRED where the version has it; unrecorded. */
export const joinQuietly = async (peer: Peer, options: Body = {}, version = 9): Promise<Body> => {
  const first = await peer.ask(apis.JoinGroup, version, joining(options))
  if (first.errorCode !== 79) return first
  return peer.ask(apis.JoinGroup, version, joining({ ...options, memberId: first.memberId }))
}

export interface JoinedMember {
  readonly peer: Peer
  readonly memberId: string
  readonly generationId: number
}

/** A Stable group of one member, whose steps are recorded up to its assignment. */
export const stableMember = async (group: GroupProbe, options: Body = {}): Promise<JoinedMember> => {
  const peer = group.peer()
  const joined = await joinQuietly(peer, options)
  group.record(apis.JoinGroup, 9, joined, "the first member")
  const { generationId, memberId, protocolName, protocolType } = joined
  await peer.send(apis.SyncGroup, 5, {
    generationId,
    memberId,
    groupInstanceId: options.groupInstanceId ?? null,
    protocolType,
    protocolName,
    assignments: [{ memberId, assignment: assignment("a-topic", 0) }]
  }, "the first member's assignment")
  return { peer, memberId, generationId }
}
