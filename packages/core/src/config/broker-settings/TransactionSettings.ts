import type { SettingValues } from "./SettingValues.ts"

/** `transaction.*`, `transactional.*` and `producer.id.*`. Times in milliseconds. */
export interface TransactionSettings {
  readonly maxTimeoutMs: number
  /** After so long without use a transactional id is forgotten. */
  readonly idExpirationMs: number
  readonly abortTimedOutIntervalMs: number
  readonly removeExpiredIntervalMs: number
  /** How long a record of the coordinator may take to be committed. */
  readonly appendTimeoutMs: number
  /** Between two tries to add a partition for a write. */
  readonly addRetryBackoffMs: number
  /** Of all tries to add a partition for a write. */
  readonly addRetryMaxMs: number
  readonly producerIdExpirationMs: number
  readonly producerIdExpirationCheckIntervalMs: number
}

/** The settings of the transaction coordinator and of producer ids. Source: TransactionLogConfig. */
export const transactionSettings = (values: SettingValues): TransactionSettings => ({
  maxTimeoutMs: values.number("transaction.max.timeout.ms"),
  idExpirationMs: values.number("transactional.id.expiration.ms"),
  abortTimedOutIntervalMs: values.number("transaction.abort.timed.out.transaction.cleanup.interval.ms"),
  removeExpiredIntervalMs: values.number("transaction.remove.expired.transaction.cleanup.interval.ms"),
  appendTimeoutMs: values.number("request.timeout.ms"),
  addRetryBackoffMs: values.number("add.partitions.to.txn.retry.backoff.ms"),
  addRetryMaxMs: values.number("add.partitions.to.txn.retry.backoff.max.ms"),
  producerIdExpirationMs: values.number("producer.id.expiration.ms"),
  producerIdExpirationCheckIntervalMs: values.number("producer.id.expiration.check.interval.ms")
})
