import { apis, ErrorCode } from "@kafka-broker/core/protocol"
import { Effect } from "effect"
import type { SimRandom } from "../../../src/simulation/SimRandom.ts"
import { codeName, isRetriable, type Setting, untilAnswered } from "../Setting.ts"
import type { WireClient } from "./WireClient.ts"

/** Looks for a group's coordinator, until there is one: so every client begins, and the first makes the offsets topic. */
export const findCoordinator = (
  setting: Setting,
  client: WireClient,
  random: SimRandom,
  group: string
): Effect.Effect<void> => {
  const version = random.between(1, 5)
  return Effect.asVoid(untilAnswered(
    setting,
    random,
    () => client.request(apis.FindCoordinator, version, { key: group, coordinatorKeys: [group] }),
    ({ coordinators, errorCode }) => {
      const code = version >= 4 ? coordinators[0]!.errorCode : errorCode
      if (code === ErrorCode.NONE) return true
      if (!isRetriable(code)) setting.history.surprise(group, `FindCoordinator answered ${codeName(code)}`)
      return undefined
    }
  ))
}
