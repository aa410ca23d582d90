import { NodeKafkaBroker } from "@kafka-broker/node-server"

/** A broker that keeps nothing on disk, on a free port; who may do what is in a file. */
export const inMemory = (aclFile: string) =>
  NodeKafkaBroker.layer({
    memory: true,
    properties: { "listeners": "PLAINTEXT://127.0.0.1:0", "kafka.broker.acl.file": aclFile }
  })
