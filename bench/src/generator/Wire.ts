import { setTimeout as delay } from "node:timers/promises"
import { connect, type Socket } from "node:net"
import { CreateTopics } from "../../../packages/core/src/protocol/apis/CreateTopics.ts"
import { DeleteTopics } from "../../../packages/core/src/protocol/apis/DeleteTopics.ts"
import { ListOffsets } from "../../../packages/core/src/protocol/apis/ListOffsets.ts"
import { Metadata } from "../../../packages/core/src/protocol/apis/Metadata.ts"
import * as Frame from "../../../packages/core/src/protocol/Frame.ts"
import type { Uuid } from "../../../packages/core/src/model/Uuid.ts"
import type { AnyApi, RequestInputOf, ResponseOf } from "../../../packages/core/src/protocol/schema/defineApi.ts"

const clientId = "bench"
const noTopicId = "AAAAAAAAAAAAAAAAAAAAAA" as Uuid
/** A broker that does not answer for so long ends the run. */
const answerMsMax = 120_000

/** One complete request frame. */
export const requestFrame = <A extends AnyApi>(
  api: A,
  version: number,
  body: RequestInputOf<A>,
  correlationId = 0
): Buffer => Buffer.concat(Frame.encodeRequest(api, version, { correlationId, clientId }, body))

export const openSocket = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true })
    socket.once("error", reject)
    socket.once("connect", () => {
      socket.off("error", reject)
      resolve(socket)
    })
  })

/** Sends one request on the socket and waits for its answer. */
export const ask = <A extends AnyApi>(
  socket: Socket,
  api: A,
  version: number,
  body: RequestInputOf<A>
): Promise<ResponseOf<A>> =>
  new Promise((resolve, reject) => {
    let received = Buffer.alloc(0)
    const finish = (outcome: () => void): void => {
      clearTimeout(timer)
      socket.off("data", onData).off("error", onError).off("close", onClose)
      outcome()
    }
    const onError = (error: Error): void => finish(() => reject(error))
    const onClose = (): void => onError(new Error(`the broker closed the connection on ${api.name}`))
    const timer = setTimeout(() => onError(new Error(`no answer to ${api.name}`)), answerMsMax)
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk])
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return
      finish(() => resolve(Frame.decodeResponse(api, version, received.subarray(4)).body))
    }
    socket.on("data", onData).on("error", onError).on("close", onClose)
    socket.write(requestFrame(api, version, body))
  })

/** Kafka tells clients of leaders a moment before they serve. */
const untilServed = async (socket: Socket, name: string, numPartitions: number): Promise<void> => {
  const partitions = Array.from({ length: numPartitions }, (_, partitionIndex) => ({ partitionIndex, timestamp: -1 }))
  const request = { replicaId: -1, isolationLevel: 0, topics: [{ name, partitions }], timeoutMs: answerMsMax }
  for (const deadline = Date.now() + answerMsMax; Date.now() < deadline;) {
    const { topics } = await ask(socket, ListOffsets, 5, request)
    if (topics[0]?.partitions.every(({ errorCode }) => errorCode === 0) === true) return
    await delay(20)
  }
  throw new Error(`the leaders of topic ${name} do not serve`)
}

/** Creates the topic and waits until every partition has a leader, and serves unless it is to stay unused. */
export const createTopic = async (
  port: number,
  name: string,
  numPartitions: number,
  configs: Readonly<Record<string, string>> = {},
  isUsed = true
): Promise<void> => {
  const socket = await openSocket(port)
  const created = await ask(socket, CreateTopics, 5, {
    topics: [{
      name,
      numPartitions,
      replicationFactor: 1,
      assignments: [],
      configs: Object.entries(configs).map(([key, value]) => ({ name: key, value }))
    }],
    timeoutMs: answerMsMax
  })
  const errorCode = created.topics[0]?.errorCode
  if (errorCode !== 0) throw new Error(`CreateTopics: ${errorCode} ${created.topics[0]?.errorMessage}`)
  for (const deadline = Date.now() + answerMsMax; Date.now() < deadline;) {
    const { topics } = await ask(socket, Metadata, 9, {
      topics: [{ name, topicId: noTopicId }],
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false
    })
    const partitions = topics[0]?.partitions ?? []
    if (partitions.length === numPartitions && partitions.every((partition) => partition.leaderId >= 0)) {
      if (isUsed) await untilServed(socket, name, numPartitions)
      socket.destroy()
      return
    }
    await delay(50)
  }
  throw new Error(`topic ${name} got no leaders`)
}

export const deleteTopic = async (port: number, name: string): Promise<void> => {
  const socket = await openSocket(port)
  const deleted = await ask(socket, DeleteTopics, 5, { topics: [], topicNames: [name], timeoutMs: answerMsMax })
  socket.destroy()
  if (deleted.responses[0]?.errorCode !== 0) throw new Error(`DeleteTopics: ${deleted.responses[0]?.errorCode}`)
}
