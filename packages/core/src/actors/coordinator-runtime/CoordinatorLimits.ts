/** Bounds on what coordinators keep beside their state. */
export const CoordinatorLimits = {
  /** Answers parked behind appends or other requests, per partition of an internal topic. */
  parkedRepliesMax: 100_000
} as const
