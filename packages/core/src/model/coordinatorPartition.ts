/**
 * The partition of a coordinator's topic that owns a group or a transactional id: Java's hash of the key, modulo.
 * Source: Utils.abs(key.hashCode) % partitionCount.
 */
export const coordinatorPartition = (key: string, partitionCount: number): number => {
  let hash = 0
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0
  // Java's abs leaves the smallest integer negative; Kafka takes 0 for it.
  return (hash === -2_147_483_648 ? 0 : Math.abs(hash)) % partitionCount
}
