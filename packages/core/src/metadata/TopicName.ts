/** Longest topic name in characters. Source: Topic.MAX_NAME_LENGTH. */
const maxLength = 249

const legal = /^[a-zA-Z0-9._-]+$/

const groupMetadata = "__consumer_offsets"
const transactionState = "__transaction_state"
const shareGroupState = "__share_group_state"
const clusterMetadata = "__cluster_metadata"

const reasonInvalid = (name: string): string | undefined => {
  if (name === "") return "the empty string is not allowed"
  if (name === ".") return "'.' is not allowed"
  if (name === "..") return "'..' is not allowed"
  if (name.length > maxLength) {
    return `the length of '${name}' is longer than the max allowed length ${maxLength}`
  }
  if (!legal.test(name)) {
    return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`
  }
  return undefined
}

/** Kafka's message for a name that no topic can have, or undefined when the name is legal. Source: Topic.validate. */
const validate = (name: string): string | undefined => {
  const reason = reasonInvalid(name)
  return reason === undefined ? undefined : `Topic name is invalid: ${reason}`
}

/** Whether metric names made from the topic's could be those of another. Source: Topic.hasCollisionChars. */
const hasCollisionChars = (name: string): boolean => name.includes("_") || name.includes(".")

/** The form in which colliding names are equal. Source: Topic.unifyCollisionChars. */
const unifyCollisionChars = (name: string): string => name.replaceAll(".", "_")

/** Whether the coordinators own the topic. Source: Topic.isInternal. */
const isInternal = (name: string): boolean =>
  name === groupMetadata || name === transactionState || name === shareGroupState

/** Rules and constants of topic names. */
export const TopicName = {
  groupMetadata,
  transactionState,
  shareGroupState,
  clusterMetadata,
  validate,
  hasCollisionChars,
  unifyCollisionChars,
  isInternal
}
