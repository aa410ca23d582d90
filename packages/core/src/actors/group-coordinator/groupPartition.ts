/** The partition of `__consumer_offsets` that owns a group: Java's hash of the id. Source: GroupCoordinatorService.partitionFor. */
export const groupPartition = (groupId: string, partitionCount: number): number => {
  let hash = 0
  for (let i = 0; i < groupId.length; i++) hash = (Math.imul(hash, 31) + groupId.charCodeAt(i)) | 0
  // Java's abs leaves the smallest integer negative; Kafka takes 0 for it.
  return (hash === -2_147_483_648 ? 0 : Math.abs(hash)) % partitionCount
}
