import type { SettingValues } from "./SettingValues.ts"

/** `transaction.*`, `transactional.*` and `producer.id.*`. Times in milliseconds. */
export interface TransactionSettings {
  readonly maxTimeoutMs: number
  readonly producerIdExpirationMs: number
  readonly producerIdExpirationCheckIntervalMs: number
}

/** The settings of the transaction coordinator and of producer ids. Source: TransactionLogConfig. */
export const transactionSettings = (values: SettingValues): TransactionSettings => ({
  maxTimeoutMs: values.number("transaction.max.timeout.ms"),
  producerIdExpirationMs: values.number("producer.id.expiration.ms"),
  producerIdExpirationCheckIntervalMs: values.number("producer.id.expiration.check.interval.ms")
})
