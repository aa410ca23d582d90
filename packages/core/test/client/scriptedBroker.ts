import type { ClientEndpoint } from "../../src/client/ClientConnection.ts"
import { apiByKey } from "../../src/protocol/apis/index.ts"
import { decodeRequestHeader, encodeResponse } from "../../src/protocol/Frame.ts"
import { FrameSplitter } from "../../src/protocol/FrameSplitter.ts"
import { ByteReader } from "../../src/protocol/wire/ByteReader.ts"
import type { ByteConnectionEvents } from "../../src/seams/Listener.ts"

/** A request as the scripted broker saw it. */
export interface ScriptedRequest {
  readonly api: string
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
  /** Counts connections, from 0. */
  readonly connection: number
}

/** Answer to a request: the response's body, `never` to leave it unanswered, `close` to end the connection. */
export type Answer = object | "never" | "close"

/** A broker of answers given beforehand, by API, at the other end of real connections. */
export interface ScriptedBroker {
  readonly endpoint: ClientEndpoint
  readonly requests: Array<ScriptedRequest>
  /** What the next writes tell: false asks the client to hold further ones. */
  accepts: boolean
  /** Tells every connection that what was written is flushed. */
  readonly drained: () => void
  readonly connectionCount: () => number
}

/** Answers `answer(request)` to every request, in a microtask of its own. */
export const makeScriptedBroker = (
  answer: (request: ScriptedRequest) => Answer,
  maxRequestBytes = 1024 * 1024
): ScriptedBroker => {
  const requests: Array<ScriptedRequest> = []
  const open = new Set<ByteConnectionEvents>()
  let connections = 0
  const connect = () => {
    const connection = connections++
    const frames = new FrameSplitter(0x7fff_ffff, () => true)
    let events: ByteConnectionEvents | undefined
    const end = () => {
      if (events === undefined || !open.delete(events)) return
      events.onClose()
    }
    const serve = (frame: Uint8Array) => {
      const reader = new ByteReader(frame)
      const { apiKey, apiVersion, correlationId } = decodeRequestHeader(reader)
      const api = apiByKey(apiKey)!
      const request = { api: api.name, body: api.request.decode(reader, apiVersion), connection }
      requests.push(request)
      const body = answer(request)
      if (body === "never") return
      queueMicrotask(() => {
        if (body === "close") return end()
        for (const chunk of encodeResponse(api, apiVersion, correlationId, body as never)) events?.onData(chunk)
      })
    }
    return {
      remoteAddress: "scripted",
      localAddress: "scripted",
      start: (given: ByteConnectionEvents) => {
        events = given
        open.add(given)
      },
      write: (chunks: ReadonlyArray<Uint8Array>) => {
        for (const chunk of chunks) frames.push(chunk)
        while (frames.check() === "Complete") serve(frames.take())
        return broker.accepts
      },
      pause: () => {},
      resume: () => {},
      close: end,
      destroy: end
    }
  }
  const broker: ScriptedBroker = {
    endpoint: { connect, maxRequestBytes },
    requests,
    accepts: true,
    drained: () => {
      for (const events of open) events.onDrain()
    },
    connectionCount: () => open.size
  }
  return broker
}

/** A Metadata answer: one topic with as many partitions as asked for. */
export const metadataOf = (topic: string, partitionCount: number) => ({
  brokers: [],
  topics: [{
    errorCode: 0,
    name: topic,
    topicId: "AAAAAAAAAAAAAAAAAAAABA",
    partitions: Array.from({ length: partitionCount }, (_, partitionIndex) => ({
      errorCode: 0,
      partitionIndex,
      leaderId: 1,
      replicaNodes: [1],
      isrNodes: [1],
      offlineReplicas: []
    }))
  }],
  errorCode: 0
})
