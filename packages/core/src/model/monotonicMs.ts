import type { Clock } from "effect"

/**
 * Milliseconds by the clock that only goes forward, from an origin of its own: for deadlines, which a change of the time of
 * day must not bring early or late. Source: Time.hiResClockMs.
 */
export const monotonicMs = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe() / 1_000_000n)
