import { decodeRequestHeader, type RequestHeader } from "../../protocol/Frame.ts"
import type { AnyApi } from "../../protocol/schema/defineApi.ts"
import { ByteReader } from "../../protocol/wire/ByteReader.ts"
import type { Handler } from "./Handler.ts"

/** A frame whose key and version a handler accepts, decoded. */
export interface DecodedRequest {
  readonly header: RequestHeader
  readonly handler: Handler<AnyApi>
  /** Undefined when the version is not served, which the handler answers all the same. */
  readonly body: unknown
}

/** The handlers of a listener by API key. What it holds is what ApiVersions says, by construction. */
export class HandlerRegistry {
  private readonly byKey: Array<Handler<AnyApi> | undefined> = []

  constructor(handlers: Iterable<Handler<any>>) {
    for (const handler of handlers) this.byKey[handler.api.key] = handler
  }

  find(apiKey: number): Handler<AnyApi> | undefined {
    return this.byKey[apiKey]
  }

  /** Whether a request can be answered, as far as key and version tell. */
  accepts(apiKey: number, apiVersion: number): boolean {
    const handler = this.byKey[apiKey]
    return handler !== undefined &&
      (handler.answerUnsupported !== undefined || handler.api.request.supports(apiVersion))
  }

  /** The request in a frame that `accepts` let pass. Throws when the bytes are no request of that version. */
  decode(frame: Uint8Array): DecodedRequest {
    const reader = new ByteReader(frame)
    const header = decodeRequestHeader(reader)
    const handler = this.byKey[header.apiKey]!
    const { request } = handler.api
    return {
      header,
      handler,
      body: request.supports(header.apiVersion) ? request.decode(reader, header.apiVersion) : undefined
    }
  }

  /** In order of API key. */
  get apis(): ReadonlyArray<AnyApi> {
    return this.byKey.flatMap((handler) => handler === undefined ? [] : [handler.api])
  }
}
