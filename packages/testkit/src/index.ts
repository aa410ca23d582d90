export type { SimDiskFaults } from "./simulation/SimDiskFaults.ts"
export type { NetworkFaults } from "./simulation/SimFaults.ts"
export type { SimTrace } from "./simulation/SimTrace.ts"
export {
  type SimulatedRequest,
  Simulation,
  type SimulationFaults,
  type SimulationOptions,
  type SimulationResult
} from "./simulation/Simulation.ts"
export { type ObservedRequest, TestBroker, type TestBrokerOptions, type TestBrokerShape } from "./TestBroker.ts"
