/**
 * An immutable map whose newest version reads at the speed of a native `Map`.
 *
 * The newest version holds the native map; each older one holds what its successor changed and a way to it. So reading
 * an older version costs one look-up for every version made since, and making a version costs only its changes. An
 * older version keeps newer ones alive, never the other way round. Source: Baker, "Shallow binding makes functional
 * arrays fast" (1991).
 */
export class VersionedMap<K, V> {
  readonly size: number
  /** Present in the newest version only. */
  private newest: Map<K, V> | undefined
  /** In older versions: what the keys changed by `next` held here. */
  private undo: Map<K, V | undefined> | undefined
  private next: VersionedMap<K, V> | undefined

  private constructor(newest: Map<K, V>) {
    this.newest = newest
    this.size = newest.size
  }

  static empty<K, V>(): VersionedMap<K, V> {
    return new VersionedMap(new Map())
  }

  get(key: K): V | undefined {
    return this.newest !== undefined ? this.newest.get(key) : this.getOlder(key)
  }

  private getOlder(key: K): V | undefined {
    let version: VersionedMap<K, V> = this
    while (version.newest === undefined) {
      if (version.undo!.has(key)) return version.undo!.get(key)
      version = version.next!
    }
    return version.newest.get(key)
  }

  /** A version with these entries set; `undefined` removes the key. */
  with(changes: ReadonlyMap<K, V | undefined>): VersionedMap<K, V> {
    if (changes.size === 0) return this
    const map = this.newest ?? this.copy()
    const undo = new Map<K, V | undefined>()
    for (const [key, value] of changes) {
      undo.set(key, map.get(key))
      if (value === undefined) map.delete(key)
      else map.set(key, value)
    }
    const next = new VersionedMap(map)
    if (this.newest !== undefined) {
      this.newest = undefined
      this.undo = undo
      this.next = next
    }
    return next
  }

  /** All values at this moment, in unspecified order. */
  values(): Array<V> {
    return Array.from((this.newest ?? this.copy()).values())
  }

  private copy(): Map<K, V> {
    let version: VersionedMap<K, V> = this
    const seen = new Map<K, V | undefined>()
    while (version.newest === undefined) {
      for (const [key, value] of version.undo!) if (!seen.has(key)) seen.set(key, value)
      version = version.next!
    }
    const map = new Map(version.newest)
    for (const [key, value] of seen) {
      if (value === undefined) map.delete(key)
      else map.set(key, value)
    }
    return map
  }
}
