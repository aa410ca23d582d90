export { type ObservedRequest, TestBroker, type TestBrokerOptions, type TestBrokerShape } from "./TestBroker.ts"
