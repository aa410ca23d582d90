import type { MemberEvent } from "./MemberEvent.ts"

/** Who owns what after some events; a partition nobody owns is absent. */
export const owners = (events: ReadonlyArray<MemberEvent>): ReadonlyMap<number, string> => {
  const owned = new Map<number, string>()
  const drop = (member: string, partitions: Iterable<number>) => {
    for (const partition of partitions) if (owned.get(partition) === member) owned.delete(partition)
  }
  for (const each of [...events].sort((a, b) => a.at - b.at)) {
    if (each.event === "assigned") { for (const partition of each.partitions) owned.set(partition, each.member) }
    if (each.event === "revoked" || each.event === "lost") drop(each.member, each.partitions)
    if (each.event === "left" || each.event === "killed") drop(each.member, [...owned.keys()])
  }
  return owned
}

/** Every partition that a member was given while another one had not given it up. */
const doubleOwners = (events: ReadonlyArray<MemberEvent>): Array<string> => {
  const problems: Array<string> = []
  const owned = new Map<number, string>()
  for (const each of events) {
    if (each.event === "assigned") {
      for (const partition of each.partitions) {
        const other = owned.get(partition)
        if (other !== undefined && other !== each.member) {
          problems.push(`partition ${partition} was given to ${each.member} while ${other} owned it`)
        }
        owned.set(partition, each.member)
      }
    } else if (each.event === "revoked" || each.event === "lost") {
      for (const partition of each.partitions) if (owned.get(partition) === each.member) owned.delete(partition)
    } else if (each.event === "left" || each.event === "killed") {
      for (const [partition, member] of [...owned]) if (member === each.member) owned.delete(partition)
    }
  }
  return problems
}

/** Every record that was read below an offset whose commit the broker had confirmed before its reader got the partition. */
const redelivered = (events: ReadonlyArray<MemberEvent>): Array<string> => {
  const problems: Array<string> = []
  const committed = new Map<number, number>()
  /** By member and partition, what was committed when the member got it. */
  const floors = new Map<string, number>()
  for (const each of events) {
    if (each.event === "committed") {
      for (const [partition, offset] of Object.entries(each.offsets)) {
        committed.set(Number(partition), Math.max(offset, committed.get(Number(partition)) ?? 0))
      }
    } else if (each.event === "assigned") {
      for (const partition of each.partitions) floors.set(`${each.member} ${partition}`, committed.get(partition) ?? 0)
    } else if (each.event === "records") {
      const floor = floors.get(`${each.member} ${each.partition}`) ?? 0
      const first = Math.min(...each.offsets)
      if (first < floor) {
        problems.push(`${each.member} read offset ${first} of partition ${each.partition}, committed up to ${floor}`)
      }
    }
  }
  return problems
}

/** Every produced value that nobody read. */
export const missing = (
  events: ReadonlyArray<MemberEvent>,
  produced: Iterable<string>
): ReadonlyArray<string> => {
  const read = new Set(events.flatMap((each) => each.event === "records" ? each.values : []))
  return [...produced].filter((value) => !read.has(value))
}

export interface CheckOptions {
  /**
   * The client hands on records that it had fetched before a partition went and came back, whatever was committed
   * meanwhile; so does it with Apache Kafka. Reading a committed record again is then no fault of the broker.
   */
  readonly handsOnFetched: boolean
}

/** What the group did wrong, in words; nothing when all was well. Members are told apart by name. */
export const problemsOf = (
  events: ReadonlyArray<MemberEvent>,
  produced: Iterable<string>,
  options: CheckOptions = { handsOnFetched: false }
): ReadonlyArray<string> => {
  const ordered = [...events].sort((a, b) => a.at - b.at)
  const lost = missing(ordered, produced)
  return [
    ...doubleOwners(ordered),
    ...(options.handsOnFetched ? [] : redelivered(ordered)),
    ...(lost.length === 0 ? [] : [`${lost.length} records were read by nobody, such as ${lost.slice(0, 5).join()}`])
  ]
}
