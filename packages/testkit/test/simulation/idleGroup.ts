import { Effect } from "effect"
import { SimWorld } from "../../src/simulation/SimWorld.ts"
import { apis, ErrorCode } from "@kafka-broker/core/protocol"
import { findCoordinator } from "./client/findCoordinator.ts"
import { WireClient } from "./client/WireClient.ts"
import { History } from "./History.ts"
import { attempt, type Setting } from "./Setting.ts"

const MEMBERS = 3
/** Simulated time that the group idles, in milliseconds. */
const IDLE_MS = 2 * 3_600_000
const HEARTBEAT_MS = 3_000

/** How many times faster than the clock on the wall a group of some members idles that only sends heartbeats. */
export const measureIdleGroup = (): number => {
  const world = new SimWorld({ seed: 1 })
  const setting: Setting = { world, history: new History(world), topics: [], isOver: false, restUntilMicros: 0 }
  const member = (name: string) =>
    Effect.gen(function*() {
      const client = new WireClient(world, name)
      let memberEpoch = 0
      while (world.loop.nowMicros < IDLE_MS * 1000) {
        const joins = { rebalanceTimeoutMs: 60_000, subscribedTopicNames: ["none"], topicPartitions: [] }
        const body = { groupId: "idle", memberId: name, memberEpoch, ...(memberEpoch === 0 ? joins : {}) }
        const tried = yield* attempt(setting, client.request(apis.ConsumerGroupHeartbeat, 1, body))
        if (tried._tag === "Answered") {
          memberEpoch = tried.value.errorCode === ErrorCode.NONE
            ? tried.value.memberEpoch
            : 0
        }
        yield* Effect.sleep(HEARTBEAT_MS)
      }
    })
  world.startBroker()
  const began = performance.now()
  world.run(Effect.gen(function*() {
    yield* world.awaitBroker
    yield* findCoordinator(setting, new WireClient(world, "finder"), world.random("finder"), "idle")
    yield* Effect.forEach(Array.from({ length: MEMBERS }, (_, i) => `member-${i}`), member, {
      concurrency: "unbounded"
    })
  }))
  return IDLE_MS / (performance.now() - began)
}
