import type { Commit } from "../History.ts"
import type { Checker } from "./Facts.ts"

/** Committed offsets never go back behind what was acknowledged, and are what somebody committed. */
export const committedOffsets: Checker = function*({ history }) {
  const commits = new Map<string, Array<Commit>>()
  const keyOf = (one: { readonly group: string; readonly topic: string; readonly partition: number }) =>
    `${one.group} ${one.topic}-${one.partition}`
  for (const commit of history.commits) {
    const others = commits.get(keyOf(commit))
    if (others === undefined) commits.set(keyOf(commit), [commit])
    else others.push(commit)
  }
  for (const read of history.committedReads) {
    const key = keyOf(read)
    const ofPartition = commits.get(key) ?? []
    let floor = -1
    let isKnown = read.offset === -1
    for (const { answeredAt, askedAt, isAcknowledged, offset } of ofPartition) {
      if (isAcknowledged && answeredAt < read.askedAt) floor = Math.max(floor, offset)
      isKnown ||= offset === read.offset && askedAt < read.answeredAt
    }
    if (read.offset < floor) yield `${key} has ${read.offset} committed, after ${floor} was acknowledged`
    else if (!isKnown) yield `${key} has ${read.offset} committed, which nobody did`
  }
}
