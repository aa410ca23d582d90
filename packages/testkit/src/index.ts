export type { Control, ControlAction, ControlMatch, ErrorName, RequestContext } from "./Control.ts"
export type { ApiWithErrorAnswer } from "./errorAnswers.ts"
export type { ObservedRequest } from "./RequestLog.ts"
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
export { type StartedTestBroker, startTestBroker, type StartTestBrokerOptions } from "./startTestBroker.ts"
export { TestBroker, type TestBrokerOptions, type TestBrokerShape } from "./TestBroker.ts"
