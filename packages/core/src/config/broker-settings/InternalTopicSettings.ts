import type { SettingValues } from "./SettingValues.ts"

/** Shape of an internal topic. */
export interface InternalTopicSettings {
  readonly partitions: number
  readonly replicationFactor: number
  readonly segmentBytes: number
  readonly minIsr: number
}

/** The shape of the topic whose settings begin with `prefix`. */
export const internalTopicSettings = (
  values: SettingValues,
  prefix: string,
  partitions: string,
  minIsr: number
): InternalTopicSettings => ({
  partitions: values.number(`${prefix}.${partitions}`),
  replicationFactor: values.number(`${prefix}.replication.factor`),
  segmentBytes: values.number(`${prefix}.segment.bytes`),
  minIsr
})
