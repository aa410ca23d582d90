/** What a member of a group tells about itself, one JSON object a line; `at` in microseconds of the machine's clock. */
export type MemberEvent =
  & { readonly member: string; readonly at: number }
  & (
    | { readonly event: "assigned" | "revoked" | "lost"; readonly partitions: ReadonlyArray<number> }
    | {
      readonly event: "records"
      readonly partition: number
      readonly offsets: ReadonlyArray<number>
      readonly values: ReadonlyArray<string>
    }
    /** The broker has confirmed these: the next offset by partition. */
    | { readonly event: "committed"; readonly offsets: Readonly<Record<string, number>> }
    | { readonly event: "left" | "killed" }
    | { readonly event: "error"; readonly message: string }
  )

/** Microseconds, as the events carry them. */
export const nowMicros = (): number => Math.round((performance.timeOrigin + performance.now()) * 1_000)
