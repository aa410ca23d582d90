import { assert, describe, it } from "@effect/vitest"
import type { OffsetsReply } from "../../../../src/actors/group-coordinator/machine/GroupDecision.ts"
import { ErrorCode } from "../../../../src/model/ErrorCode.ts"
import { commit } from "../commands.ts"
import { durablePart, GroupSimulation } from "../GroupSimulation.ts"
import { randomOf } from "../random.ts"
import { ClassicClient, partitionCount } from "./ClassicClient.ts"

const seeds = Array.from({ length: 150 }, (_, seed) => seed)

/** Who reads what: nobody may read a partition that another one of the same generation reads. */
const checkOwners = (clients: ReadonlyArray<ClassicClient>, seed: number): void => {
  const owners = new Map<string, string>()
  for (const { assignment, generation, memberId } of clients) {
    for (const partition of assignment ?? []) {
      const key = `${generation}/${partition}`
      assert.isUndefined(owners.get(key), `seed ${seed}: ${key} belongs to ${owners.get(key)} and ${memberId}`)
      owners.set(key, memberId)
    }
  }
}

const generationOf = (group: GroupSimulation): number => {
  const classic = group.state.groups.get("g")
  return classic?._tag === "Classic" ? classic.generation : -1
}

const live = (seed: number): { readonly group: GroupSimulation; readonly clients: Array<ClassicClient> } => {
  const random = randomOf(seed)
  const group = new GroupSimulation({ settings: { maxSize: 6 + random.below(20) } })
  let applied = 0
  group.onApplied = () => {
    if (++applied % 8 === 0) {
      assert.deepStrictEqual(durablePart(group.state), durablePart(group.replayed()), `seed ${seed}`)
    }
  }
  const clients: Array<ClassicClient> = []
  for (let step = 0; step < 150; step++) {
    const client = clients[random.below(clients.length)]
    const choice = random.below(100)
    if (choice < 6 && clients.filter((one) => one.alive).length < 8) {
      const instanceId = random.below(3) === 0 ? `i${random.below(4)}` : null
      // Two processes with one instance id fight; only the newest is meant to live.
      for (const other of clients) if (instanceId !== null && other.instanceId === instanceId) other.kill()
      clients.push(new ClassicClient(group, instanceId, random.below(2) === 0))
    } else if (choice < 9) client?.kill()
    else if (choice < 12) client?.leave()
    else if (choice < 13) {
      group.crash()
      for (const one of clients) one.disconnect()
    } else if (choice < 30) group.advance(random.below(8000))
    else if (choice < 40 && client !== undefined && client.memberId !== "") {
      const before = durablePart(group.state)
      const generation = client.generation - random.below(2)
      const { errorCode } = group.ask<OffsetsReply>(
        commit(client.memberId, generation, step, {
          identity: {
            memberId: client.memberId,
            groupInstanceId: client.instanceId,
            generation,
            isTransactional: false
          }
        })
      )
      if (generation >= 0 && generation !== generationOf(group)) assert.notStrictEqual(errorCode, ErrorCode.NONE)
      if (errorCode !== ErrorCode.NONE) assert.deepStrictEqual(durablePart(group.state), before)
    } else client?.poll()
    checkOwners(clients, seed)
  }
  return { group, clients }
}

describe("a classic group under random joins, leaves, deaths, crashes and clocks", () => {
  it("has one owner per partition and generation, takes no commit of an old generation, and equals its replayed log", () => {
    for (const seed of seeds) live(seed)
  })

  it("becomes stable once faults stop, with every partition owned", () => {
    for (const seed of seeds) {
      const { clients, group } = live(seed)
      const alive = clients.filter((client) => client.alive)
      for (let round = 0; round < 60; round++) {
        for (const client of alive) client.poll()
        group.advance(2000)
        checkOwners(alive, seed)
      }
      const classic = group.state.groups.get("g")
      if (alive.length === 0) {
        assert.isTrue(
          classic === undefined || (classic._tag === "Classic" && classic.state === "Empty"),
          `seed ${seed}`
        )
        continue
      }
      assert.isTrue(
        classic?._tag === "Classic" && classic.state === "Stable",
        `seed ${seed}: ${JSON.stringify(classic)}`
      )
      const owned = alive.flatMap((client) => client.assignment ?? []).sort((a, b) => a - b)
      assert.deepStrictEqual(owned, Array.from({ length: partitionCount }, (_, i) => i), `seed ${seed}`)
      assert.deepStrictEqual(new Set(alive.map((client) => client.generation)).size, 1)
    }
  })
})
