import { assert, describe, it } from "@effect/vitest"
import type { FetchPartition } from "../../../src/handlers/fetch/FetchSession.ts"
import { nextEpoch } from "../../../src/handlers/fetch/FetchSession.ts"
import { FetchSessionCache, sessionEvictionMs } from "../../../src/handlers/fetch/FetchSessionCache.ts"
import { Uuid } from "../../../src/model/Uuid.ts"

const partitionsOf = (size: number): Map<string, FetchPartition> =>
  new Map(Array.from({ length: size }, (_, partition) => [`t:${partition}`, {
    topic: "t",
    topicId: Uuid.zero,
    partition,
    fetchOffset: 0,
    maxBytes: 1,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
    highWatermark: -1,
    logStartOffset: -1
  }]))

const cacheOf = (slots: number) => {
  let last = 0
  const cache = new FetchSessionCache(slots, () => ++last)
  const create = (nowMs: number, size: number, isPrivileged = false) =>
    cache.create({ nowMs, isPrivileged, usesTopicIds: false, partitions: partitionsOf(size) })
  return { cache, create }
}

describe("FetchSessionCache", () => {
  it("a full cache has no room for a session beside fresh ones", () => {
    const { cache, create } = cacheOf(2)
    assert.deepStrictEqual([create(0, 1), create(0, 1), create(1, 100)], [1, 2, 0])
    assert.strictEqual(cache.size, 2)
  })

  it("the longest unused session gives way once it is stale", () => {
    const { cache, create } = cacheOf(2)
    create(0, 10)
    create(0, 10)
    cache.touch(cache.get(1)!, 50)
    assert.strictEqual(create(sessionEvictionMs, 1), 0)
    assert.strictEqual(create(sessionEvictionMs + 1, 1), 3)
    assert.isUndefined(cache.get(2))
    assert.isDefined(cache.get(1))
  })

  it("a larger session replaces the smallest that is old enough, an equal one does not", () => {
    const { cache, create } = cacheOf(2)
    create(0, 3)
    create(0, 5)
    const later = sessionEvictionMs + 1
    cache.touch(cache.get(1)!, later)
    cache.touch(cache.get(2)!, later)
    assert.strictEqual(create(later, 3), 0)
    assert.strictEqual(create(later, 4), 3)
    assert.isUndefined(cache.get(1))
    assert.isDefined(cache.get(2))
  })

  it("a follower's session replaces a consumer's, never the other way round", () => {
    const { cache, create } = cacheOf(1)
    create(0, 100)
    assert.strictEqual(create(1, 1, true), 2)
    cache.touch(cache.get(2)!, sessionEvictionMs * 2)
    assert.strictEqual(create(sessionEvictionMs * 2, 500), 0)
  })

  it("an id in use is not given twice", () => {
    const ids = [7, 7, 7, 8]
    const cache = new FetchSessionCache(5, () => ids.shift()!)
    const create = () => cache.create({ nowMs: 0, isPrivileged: false, usesTopicIds: false, partitions: new Map() })
    assert.deepStrictEqual([create(), create()], [7, 8])
  })

  it("epochs go from 2^31-1 to 1", () => {
    assert.deepStrictEqual([nextEpoch(0), nextEpoch(1), nextEpoch(0x7fff_ffff), nextEpoch(-1)], [1, 2, 1, -1])
  })
})
