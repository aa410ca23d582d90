import { RecordBatch } from "@kafka-broker/core/protocol"
import { LogFiles } from "@kafka-broker/core/seams"
import { Context, Effect, Layer } from "effect"
import type { SimRandom } from "../../src/simulation/SimRandom.ts"
import type { SimWorld } from "../../src/simulation/SimWorld.ts"

/** A file that a broker would not open, and where it is damaged. */
interface Damage {
  readonly path: string
  readonly position: number
  /** The file is not there; what is left of it and of all behind it goes. */
  readonly isGone: boolean
}

const LOG_SUFFIX = ".log"

/** How the broker names a damaged log, one without a segment, and one with a hole between two segments. */
const damagePattern = /(\S+)\/(\d{20}\.log) is damaged at byte (\d+)/
const gonePattern = /(\S+)\/(\d{20}\.log) is gone, though/
const gapPattern = /has no records from offset \d+ to \d+, between (\S+)\/(\d{20}\.log) and /

/**
 * The person who looks after the broker. After a power cut the bytes that were never synced may lie in the log in part, with
 * whole batches behind a hole: the broker takes such a partition offline, for it cannot know, and asks for a decision. The
 * operator knows that the power was cut, and cuts the log where it is damaged, as `kafka-broker repair` does.
 */
export class Operator {
  /** Partitions that were repaired. */
  repairs = 0
  private read = 0
  private readonly world: SimWorld

  constructor(world: SimWorld) {
    this.world = world
  }

  /**
   * Flips a bit of a whole batch that another follows, in a log of one of these topics, while the broker is down; the
   * partition, or undefined where no log is long enough. Not in the bytes that no CRC covers.
   */
  rot(random: SimRandom, topics: ReadonlyArray<string>): string | undefined {
    const { volume } = this.world.disk
    const spots: Array<{ readonly path: string; readonly at: number; readonly end: number }> = []
    for (const path of volume.files.keys()) {
      const match = /^(.+)-\d+\/\d{20}\.log$/.exec(path)
      if (match === null || !topics.includes(match[1]!)) continue
      const { bytes, sizeBytes } = volume.files.get(path)!
      for (let at = 0, end = 0; at + RecordBatch.RECORD_BATCH_OVERHEAD < sizeBytes; at = end) {
        end = at + RecordBatch.batchSizeBytes(bytes, at)
        if (end < sizeBytes) spots.push({ path, at, end })
      }
    }
    if (spots.length === 0) return undefined
    const { at, end, path } = random.pick(spots)
    const position = random.between(at + RecordBatch.CRC_OFFSET, end - 1)
    volume.files.get(path)!.bytes[position]! ^= 1 << random.below(8)
    this.world.note("operator", `sees no bit flip in ${path} at`, position)
    return path.slice(0, path.indexOf("/"))
  }

  /** Damage that the broker named since the last call. */
  takeDamage(): ReadonlyArray<Damage> {
    const { warnings } = this.world
    const found = new Map<string, Damage>()
    for (; this.read < warnings.length; this.read++) {
      const line = warnings[this.read]!
      const gone = gonePattern.exec(line)
      const match = gone ?? damagePattern.exec(line) ?? gapPattern.exec(line)
      if (match === null) continue
      const position = match[3] === undefined ? Infinity : Number(match[3])
      found.set(match[1]!, { path: `${match[1]}/${match[2]}`, position, isGone: gone !== null })
    }
    return [...found.values()]
  }

  /** Cuts a log at its damage; the broker must not run. */
  repair({ isGone, path, position }: Damage): Effect.Effect<void> {
    this.repairs++
    this.world.note("operator", `cuts ${path} at`, position)
    return Effect.scoped(Effect.gen({ self: this }, function*() {
      const files = Context.get(yield* Layer.build(this.world.disk.layer), LogFiles)
      const directory = path.slice(0, path.lastIndexOf("/"))
      if (!isGone) {
        const file = yield* files.open(path, { create: false })
        if (position < file.sizeBytes) yield* file.truncate(position)
        yield* file.sync
        yield* file.close
      }
      const base = path.slice(directory.length + 1, -LOG_SUFFIX.length)
      for (const { name } of yield* files.list(directory)) {
        const other = /^(\d{20})\.\w+$/.exec(name)?.[1] ?? ""
        if (other > base || (isGone && other === base)) yield* files.remove(`${directory}/${name}`)
      }
      yield* files.syncDirectory(directory)
    })).pipe(Effect.orDie)
  }
}
