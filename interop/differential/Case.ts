import type { AnyApi } from "@kafka-broker/core/protocol"
import type { Probe } from "./Probe.ts"

/** One comparison: the same requests to each broker, whose recorded answers must be equal. */
export interface Case {
  readonly name: string
  /** Left out unless asked for: the broker has to run transaction coordinators. */
  readonly needsCoordinators?: boolean
  /** Runs on brokers of its own, where the ACLs of `acls.ts` hold. */
  readonly isUnderAcls?: boolean
  readonly run: (probe: Probe) => Promise<void>
}

/** A case that sends what it likes. */
export const test = (name: string, run: Case["run"]): Case => ({ name, run })

/** Marks cases that a broker without transaction coordinators cannot pass. */
export const withCoordinators = (cases: ReadonlyArray<Case>): ReadonlyArray<Case> =>
  cases.map((each) => ({ ...each, needsCoordinators: true }))

/** Marks cases that need ACLs. */
export const underAcls = (cases: ReadonlyArray<Case>): ReadonlyArray<Case> =>
  cases.map((each) => ({ ...each, isUnderAcls: true }))

/** The same case for every version from `min` to `max`. */
export const eachVersion = (
  api: AnyApi,
  [min, max]: readonly [number, number],
  name: string,
  run: (probe: Probe, version: number) => Promise<void>
): ReadonlyArray<Case> =>
  Array.from({ length: max - min + 1 }, (_, index) => {
    const version = min + index
    return test(`${api.name} v${version}: ${name}`, (probe) => run(probe, version))
  })

/** The same case for every entry of a table; the key becomes part of the name. */
export const eachOf = <T>(
  table: Readonly<Record<string, T>>,
  name: (key: string) => string,
  run: (probe: Probe, value: T) => Promise<void>
): ReadonlyArray<Case> => Object.entries(table).map(([key, value]) => test(name(key), (probe) => run(probe, value)))
