import { TopicName } from "../../metadata/TopicName.ts"
import { coordinatorPartition } from "../../model/coordinatorPartition.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { CoordinatorPartition, type CoordinatorServices } from "./CoordinatorPartition.ts"

/** The partitions of `__consumer_offsets`, made on first use. */
export class CoordinatorPartitions {
  private readonly known: Array<CoordinatorPartition> = []
  private readonly services: CoordinatorServices

  constructor(services: CoordinatorServices) {
    this.services = services
  }

  get count(): number {
    return this.services.metadata.current().topic(TopicName.groupMetadata)?.partitions.length ?? 0
  }

  at(partition: number): CoordinatorPartition {
    return this.known[partition] ??= new CoordinatorPartition(partition, this.services)
  }

  of(groupId: string): CoordinatorPartition | undefined {
    const { count } = this
    return count === 0 ? undefined : this.at(coordinatorPartition(groupId, count))
  }

  led(): ReadonlyArray<CoordinatorPartition> {
    const led: Array<CoordinatorPartition> = []
    for (let i = 0; i < this.count; i++) if (this.services.findLeader(i) !== undefined) led.push(this.at(i))
    return led
  }

  stopWaiting(): void {
    for (const partition of this.known) partition?.stopWaiting(ErrorCode.NOT_COORDINATOR)
  }

  unloadAll(): void {
    for (const partition of this.known) partition?.unload(ErrorCode.NOT_COORDINATOR)
  }
}
