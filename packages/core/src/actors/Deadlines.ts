/** A deadline; `armedMs` is when the heap will look at it, never after `deadlineMs`. */
interface Entry<Payload> {
  deadlineMs: number
  armedMs: number
  readonly payload: Payload
  cancelled: boolean
}

interface Node<Payload> {
  readonly atMs: number
  readonly entry: Entry<Payload>
}

/** The heap is rebuilt when so many of its nodes are of no use beside the live ones. */
const staleNodesMax = 4096

/**
 * Deadlines by key in one heap, for one sleeper. Moving a deadline later, as every heartbeat of a group does, writes one number and
 * leaves the heap alone: the entry is looked at when the old deadline comes, and put back.
 */
export class Deadlines<Payload, Key = Payload> {
  private readonly entries = new Map<Key, Entry<Payload>>()
  private heap: Array<Node<Payload>> = []
  private readonly keyOf: (payload: Payload) => Key

  /** `keyOf` gives the key of a payload. */
  constructor(keyOf: (payload: Payload) => Key) {
    this.keyOf = keyOf
  }

  /** Deadlines that are set. */
  get size(): number {
    return this.entries.size
  }

  /** Sets a deadline, or moves it. */
  schedule(payload: Payload, deadlineMs: number, ifAbsent = false): void {
    const key = this.keyOf(payload)
    const known = this.entries.get(key)
    if (known !== undefined) {
      if (ifAbsent) return
      known.deadlineMs = deadlineMs
      if (deadlineMs >= known.armedMs) return
      known.armedMs = deadlineMs
      return this.push({ atMs: deadlineMs, entry: known })
    }
    const entry: Entry<Payload> = { deadlineMs, armedMs: deadlineMs, payload, cancelled: false }
    this.entries.set(key, entry)
    this.push({ atMs: deadlineMs, entry })
  }

  cancel(payload: Payload): void {
    const key = this.keyOf(payload)
    const entry = this.entries.get(key)
    if (entry === undefined) return
    entry.cancelled = true
    this.entries.delete(key)
    if (this.heap.length > 2 * this.entries.size + staleNodesMax) this.rebuild()
  }

  /** Drops every deadline whose payload is chosen. */
  cancelWhere(chosen: (payload: Payload) => boolean): void {
    for (const [key, entry] of this.entries) {
      if (!chosen(entry.payload)) continue
      entry.cancelled = true
      this.entries.delete(key)
    }
    this.rebuild()
  }

  /** When to look again, undefined when there is nothing to wait for. Never later than the next deadline. */
  get nextMs(): number | undefined {
    return this.heap[0]?.atMs
  }

  /** Takes out one deadline that passed; undefined when none did. */
  takeDue(nowMs: number): Payload | undefined {
    for (let top = this.heap[0]; top !== undefined && top.atMs <= nowMs; top = this.heap[0]) {
      this.pop()
      const { entry } = top
      if (entry.cancelled || top.atMs !== entry.armedMs) continue
      if (entry.deadlineMs > nowMs) {
        entry.armedMs = entry.deadlineMs
        this.push({ atMs: entry.deadlineMs, entry })
        continue
      }
      entry.cancelled = true
      this.forget(entry)
      return entry.payload
    }
    return undefined
  }

  private forget(entry: Entry<Payload>): void {
    const key = this.keyOf(entry.payload)
    if (this.entries.get(key) === entry) this.entries.delete(key)
  }

  private rebuild(): void {
    const live = [...this.entries.values()]
    this.heap = []
    for (const entry of live) {
      entry.armedMs = entry.deadlineMs
      this.push({ atMs: entry.deadlineMs, entry })
    }
  }

  private push(node: Node<Payload>): void {
    const heap = this.heap
    let i = heap.push(node) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (heap[parent]!.atMs <= node.atMs) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = node
  }

  private pop(): void {
    const heap = this.heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]!.atMs < heap[child]!.atMs) child++
      if (heap[child]!.atMs >= last.atMs) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
  }
}
