/**
 * When a setting acts on this broker. `AtOnce`: also when it is changed while the broker runs. `AtStart`: what holds is
 * what the broker was started with. `Never`: it is known and checked, but changes nothing here; `why` is a clause.
 */
export type SettingEffect =
  | { readonly acts: "AtOnce" }
  | { readonly acts: "AtStart" }
  | { readonly acts: "Never"; readonly why: string }

export const atOnce: SettingEffect = { acts: "AtOnce" }
export const atStart: SettingEffect = { acts: "AtStart" }
const never = (why: string): SettingEffect => ({ acts: "Never", why })

/** The effects of settings that have none, by the reason. */
export const noEffect = {
  oneBroker: never("there is one broker, and nothing is replicated"),
  oneDirectory: never("there is one log directory"),
  oneEventLoop: never("the broker works on one event loop and has no threads"),
  ownLogOfMetadata: never("the metadata log is the broker's own; there is no quorum of controllers"),
  metadataIsKept: never("the whole metadata log is kept"),
  plainTcp: never("connections are plain TCP, without TLS and SASL"),
  systemDecides: never("the operating system decides"),
  noPlugIns: never("there are no plug-in classes"),
  noQuotas: never("there are no quotas"),
  noMetrics: never("nothing is measured yet"),
  noRetention: never("old records are neither deleted nor compacted yet"),
  noTiering: never("there is no tiered storage"),
  alwaysVerified: never("a transactional write is always verified"),
  noShareGroups: never("there are no share groups yet"),
  noStreamsGroups: never("there are no streams groups yet"),
  noPurgatory: never("what waits ends at its own deadline"),
  codecDecides: never("each codec compresses at its usual level"),
  whenNeeded: never("it is done when it is needed, not at intervals"),
  allAtOnce: never("the listeners open together when the broker is ready"),
  finishedOnly: never("what Kafka has not finished is not offered"),
  takesAsLongAsNeeded: never("a start takes as long as it takes")
} as const satisfies Readonly<Record<string, SettingEffect>>
