import type { SettingValues } from "./SettingValues.ts"

/** When snapshots of the metadata log are made and what of it is kept. Source: MetadataLogConfig. */
export interface MetadataLogSettings {
  /** `metadata.log.max.record.bytes.between.snapshots` */
  readonly maxBytesBetweenSnapshots: number
  /** `metadata.log.max.snapshot.interval.ms`; 0: only by bytes. */
  readonly maxSnapshotIntervalMs: number
  /** `metadata.max.retention.bytes`; negative: no limit. */
  readonly retentionBytes: number
  /** `metadata.max.retention.ms`; negative: no limit. */
  readonly retentionMs: number
  /** `metadata.log.segment.bytes` */
  readonly segmentBytes: number
  /** `metadata.log.segment.ms` */
  readonly segmentMs: number
}

/** The settings of the metadata log. */
export const metadataLogSettings = (values: SettingValues): MetadataLogSettings => ({
  maxBytesBetweenSnapshots: values.number("metadata.log.max.record.bytes.between.snapshots"),
  maxSnapshotIntervalMs: values.number("metadata.log.max.snapshot.interval.ms"),
  retentionBytes: values.number("metadata.max.retention.bytes"),
  retentionMs: values.number("metadata.max.retention.ms"),
  segmentBytes: values.number("metadata.log.segment.bytes"),
  segmentMs: values.number("metadata.log.segment.ms")
})
