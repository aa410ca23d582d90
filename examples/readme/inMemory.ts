import { NodeKafkaBroker } from "@kafka-broker/node-server"

/** A broker that keeps nothing on disk, on a free port; who may do what is in a file. */
export const inMemory = (aclFile: string) =>
  NodeKafkaBroker.layer({ memory: true, port: 0, settings: { "kafka.broker.acl.file": aclFile } })
