import type { Checker } from "./Facts.ts"

/** A partition has at most one owner in a group while the group has no reason to take the first for dead. */
export const singleOwner: Checker = function*({ history }) {
  const sorted = [...history.ownerships].sort((one, other) => one.fromAt - other.fromAt)
  for (const [i, later] of sorted.entries()) {
    for (let j = 0; j < i; j++) {
      const earlier = sorted[j]!
      if (earlier.group !== later.group || earlier.member === later.member) continue
      if (later.generation < earlier.generation || later.fromAt > earlier.untilAt) continue
      if (later.fromMicros >= earlier.untilMicros && later.generation !== earlier.generation) continue
      // Two of one generation are wrong in the classic protocol whatever became of the first.
      if (later.fromMicros >= earlier.untilMicros && later.protocol !== "classic") continue
      const shared = later.partitions.filter((partition) => earlier.partitions.includes(partition))
      if (shared.length === 0) continue
      yield `${later.member} owns ${shared.join()} of ${later.group} in generation ${later.generation}, which ` +
        `${earlier.member} has owned since generation ${earlier.generation} and not given up`
    }
  }
}
