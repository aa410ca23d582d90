import { apacheKafka } from "./apacheKafka.ts"
import { kfake } from "./kfake.ts"
import { floor, kafkaBroker } from "./nodeSystems.ts"
import type { System } from "./System.ts"

/** All systems of the comparison, in the order in which they take turns. */
export const systems: ReadonlyArray<System> = [floor, kafkaBroker, apacheKafka, kfake]
