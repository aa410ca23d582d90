import type { MakeWorkload } from "../Setting.ts"
import { assignedConsumer } from "./assignedConsumer.ts"
import { classicMember } from "./classicMember.ts"
import { consumerMember } from "./consumerMember.ts"
import { idempotentProducer } from "./idempotentProducer.ts"
import { offsetCommitter } from "./offsetCommitter.ts"
import { plainProducer } from "./plainProducer.ts"
import { recordTrimmer } from "./recordTrimmer.ts"
import { topicAdmin } from "./topicAdmin.ts"

interface Kind {
  readonly make: MakeWorkload
  /** Most operations of one of them. */
  readonly operations: number
  /** How probable the first, the second ... of the kind is in a plan. */
  readonly weight: ReadonlyArray<number>
}

/** Every kind of client program. A new one needs its file and a line here. */
export const workloadKinds = {
  plain: { make: plainProducer, operations: 60, weight: [0.9, 0.5] },
  idempotent: { make: idempotentProducer, operations: 60, weight: [0.9, 0.4] },
  consumer: { make: assignedConsumer, operations: 50, weight: [0.9, 0.3] },
  committer: { make: offsetCommitter, operations: 40, weight: [0.6] },
  classic: { make: classicMember, operations: 50, weight: [0.6, 0.5, 0.3] },
  member: { make: consumerMember, operations: 60, weight: [0.6, 0.5, 0.3] },
  admin: { make: topicAdmin, operations: 40, weight: [0.6] },
  trimmer: { make: recordTrimmer, operations: 10, weight: [0.4] }
} as const satisfies Record<string, Kind>

export type WorkloadKind = keyof typeof workloadKinds
