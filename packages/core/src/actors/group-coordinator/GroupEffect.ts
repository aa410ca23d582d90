/** Names a parked answer; the shell maps it to the waiting request. */
export type ReplyTo = number

/**
 * The deadlines of a group. `Session` and the `Member…` kinds exist once per member, `Join` and `Sync` once per group
 * (member id empty).
 *
 * - `Session`: no heartbeat in time.
 * - `Join`: the end of a classic group's join phase (initial delay or rebalance timeout).
 * - `Sync`: members of a classic group that did not fetch their assignment.
 * - `MemberRebalance`: a member of a consumer group that did not give up its partitions.
 * - `MemberJoin`, `MemberSync`: a classic member of a consumer group that did not join or sync.
 */
export type TimerKind = "Session" | "Join" | "Sync" | "MemberRebalance" | "MemberJoin" | "MemberSync"

/** What a decision wants done once its records are appended. */
export type GroupEffect =
  | { readonly _tag: "Reply"; readonly to: ReplyTo; readonly response: unknown }
  | {
    readonly _tag: "Schedule"
    readonly timer: TimerKind
    readonly memberId: string
    readonly delayMs: number
    /** Keeps an earlier schedule of the same timer. */
    readonly ifAbsent: boolean
  }
  | { readonly _tag: "Cancel"; readonly timer: TimerKind; readonly memberId: string }
