import { assert, describe, it } from "@effect/vitest"
import { consumerGroupState } from "../../../../src/actors/group-coordinator/consumer/ConsumerGroup.ts"
import { durablePart, GroupSimulation, topicsOf } from "../GroupSimulation.ts"
import { randomOf } from "../random.ts"
import { ClassicClient } from "../classic/ClassicClient.ts"
import { ConsumerClient } from "./ConsumerClient.ts"

const seeds = Array.from({ length: 100 }, (_, seed) => seed)

const checkOwners = (clients: ReadonlyArray<ConsumerClient>, seed: number): void => {
  const owners = new Map<number, string>()
  for (const client of clients) {
    for (const partition of client.reads) {
      assert.isUndefined(
        owners.get(partition),
        `seed ${seed}: ${partition} of ${owners.get(partition)} and ${client.memberId}`
      )
      owners.set(partition, client.memberId)
    }
  }
}

const simulation = (seed: number): GroupSimulation => {
  const group = new GroupSimulation({
    settings: { initialRebalanceDelayMs: 0, consumerAssignors: seed % 2 === 0 ? ["uniform"] : ["range"] },
    topics: topicsOf({ orders: 8 })
  })
  let applied = 0
  group.onApplied = () => {
    if (++applied % 16 === 0) {
      assert.deepStrictEqual(durablePart(group.state), durablePart(group.replayed()), `seed ${seed}`)
    }
  }
  return group
}

const live = (seed: number): { readonly group: GroupSimulation; readonly clients: Array<ConsumerClient> } => {
  const random = randomOf(seed)
  const group = simulation(seed)
  const clients: Array<ConsumerClient> = []
  for (let step = 0; step < 150; step++) {
    const client = clients[random.below(clients.length)]
    const choice = random.below(100)
    if (choice < 6 && clients.filter((one) => one.alive).length < 8) {
      const instanceId = random.below(3) === 0 ? `i${random.below(4)}` : null
      for (const other of clients) if (instanceId !== null && other.instanceId === instanceId) other.leave(true)
      clients.push(new ConsumerClient(group, `m${step}`, instanceId))
    } else if (choice < 9) client?.kill()
    else if (choice < 12) client?.leave()
    else if (choice < 14) group.crash()
    else if (choice < 15) group.topics = topicsOf({ orders: 8, other: step }, step + 2)
    else if (choice < 30) group.advance(random.below(9000))
    else client?.poll(random.below(8) === 0)
    checkOwners(clients, seed)
  }
  return { group, clients }
}

describe("a consumer group under random joins, leaves, deaths, crashes, lost answers and clocks", () => {
  it("never has two readers of a partition, and equals its replayed log", () => {
    for (const seed of seeds) live(seed)
  })

  it("becomes stable once faults stop, with every partition read by one member", () => {
    for (const seed of seeds) {
      const { clients, group } = live(seed)
      const alive = clients.filter((client) => client.alive)
      if (alive.length === 0) continue
      for (let round = 0; round < 40; round++) {
        for (const client of alive) client.poll()
        group.advance(4000)
        checkOwners(alive, seed)
      }
      const found = group.state.groups.get("g")
      assert.isTrue(found?._tag === "Consumer" && consumerGroupState(found) === "Stable", `seed ${seed}`)
      const owned = alive.flatMap((client) => client.reads).sort((a, b) => a - b)
      assert.deepStrictEqual(owned, [0, 1, 2, 3, 4, 5, 6, 7], `seed ${seed}`)
    }
  })
})

describe("a group that moves between the protocols", () => {
  it("ends with every partition owned once, whatever mixture of members comes and goes", () => {
    for (const seed of seeds) {
      const random = randomOf(seed + 10_000)
      const group = simulation(seed)
      const classics: Array<ClassicClient> = []
      const consumers: Array<ConsumerClient> = []
      for (let step = 0; step < 150; step++) {
        const classic = classics[random.below(classics.length)]
        const client = consumers[random.below(consumers.length)]
        const choice = random.below(100)
        if (choice < 4 && classics.filter((one) => one.alive).length < 4) {
          classics.push(new ClassicClient(group, null, random.below(2) === 0))
        } else if (choice < 8 && consumers.filter((one) => one.alive).length < 4) {
          consumers.push(new ConsumerClient(group, `m${step}`))
        } else if (choice < 11) (random.below(2) === 0 ? classic : client)?.kill()
        else if (choice < 16) (random.below(2) === 0 ? classic : client)?.leave()
        else if (choice < 17) {
          group.crash()
          for (const one of classics) one.disconnect()
        } else if (choice < 30) group.advance(random.below(6000))
        else (random.below(2) === 0 ? classic : client)?.poll()
      }
      const alive = [...classics, ...consumers].filter((one) => one.alive)
      if (alive.length === 0) continue
      for (let round = 0; round < 80; round++) {
        for (const one of alive) one.poll()
        group.advance(1500)
      }
      const owned = [
        ...classics.filter((one) => one.alive).flatMap((one) => one.assignment ?? []),
        ...consumers.flatMap((one) => one.reads)
      ].sort((a, b) => a - b)
      assert.deepStrictEqual(owned, [0, 1, 2, 3, 4, 5, 6, 7], `seed ${seed}`)
    }
  })
})
