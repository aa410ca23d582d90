import type { ReplyTo } from "../../coordinator-runtime/CoordinatorMachine.ts"
import type { ClassicProtocol } from "./ClassicGroup.ts"

/** A JoinGroup as the machine sees it. Byte fields must not be views of a network buffer. */
export interface JoinCommand {
  readonly _tag: "Join"
  readonly replyTo: ReplyTo
  readonly groupId: string
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly protocolType: string
  readonly protocols: ReadonlyArray<ClassicProtocol>
  /** Version 4+ for a dynamic member: an id must be fetched with a first request. Source: KIP-394. */
  readonly requiresKnownMemberId: boolean
  /** Version 9+. Source: KIP-814. */
  readonly supportsSkippingAssignment: boolean
  /** The random part of a new member id, made by the shell. */
  readonly freshUuid: string
}
