import type { ClassicGroup, ClassicProtocol } from "./ClassicGroup.ts"

/** Names of the protocols that all members know. Source: ClassicGroup.candidateProtocols. */
const candidateProtocols = (group: ClassicGroup): ReadonlySet<string> => {
  const counts = new Map<string, number>()
  for (const member of group.members.values()) {
    for (const name of new Set(member.protocols.map((protocol) => protocol.name))) {
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
  const candidates = new Set<string>()
  for (const [name, count] of counts) if (count === group.members.size) candidates.add(name)
  return candidates
}

/**
 * The protocol with the most votes, each member voting for the first of its protocols that all know. Among equals the
 * one voted for first wins. Source: ClassicGroup.selectProtocol (which leaves a tie to hash order).
 */
export const selectProtocol = (group: ClassicGroup): string => {
  const candidates = candidateProtocols(group)
  const votes = new Map<string, number>()
  for (const member of group.members.values()) {
    const vote = member.protocols.find((protocol) => candidates.has(protocol.name))
    if (vote === undefined) throw new Error(`member ${member.memberId} of ${group.groupId} shares no protocol`)
    votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1)
  }
  let selected: string | undefined
  let most = 0
  for (const [name, count] of votes) {
    if (count > most) {
      selected = name
      most = count
    }
  }
  if (selected === undefined) throw new Error(`group ${group.groupId} has no members to vote`)
  return selected
}

/**
 * Whether a member with these protocols may join: an empty group takes any type that is not empty, another its own type
 * with one protocol known to all. Source: ClassicGroup.supportsProtocols.
 */
export const supportsProtocols = (
  group: ClassicGroup,
  protocolType: string,
  protocols: ReadonlyArray<ClassicProtocol>
): boolean => {
  if (group.state === "Empty") return protocolType.length > 0 && protocols.length > 0
  if (group.protocolType !== protocolType) return false
  const candidates = candidateProtocols(group)
  // A group whose only members are not there yet (all left while others rejoin) has no vote to lose.
  return protocols.some((protocol) => group.members.size === 0 || candidates.has(protocol.name))
}

/** Whether both lists name the same protocols in the same order with the same metadata. */
export const protocolsEqual = (
  a: ReadonlyArray<ClassicProtocol>,
  b: ReadonlyArray<ClassicProtocol>
): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) {
    const left = a[i]!
    const right = b[i]!
    if (left.name !== right.name || !bytesEqual(left.metadata, right.metadata)) return false
  }
  return true
}

const bytesEqual = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
