import { decodeRequestHeader, type RequestHeader } from "../../protocol/Frame.ts"
import type { AnyApi } from "../../protocol/schema/defineApi.ts"
import { ByteReader } from "../../protocol/wire/ByteReader.ts"
import type { Handler } from "./Handler.ts"
import type { HandlerRegistry } from "./HandlerRegistry.ts"

/** A frame whose key and version the connection accepts, decoded. */
export interface DecodedRequest {
  readonly header: RequestHeader
  readonly handler: Handler<AnyApi>
  /** Undefined when the version is not served, which only ApiVersions may ask for. */
  readonly body: unknown
}

/** Throws when the bytes are no request of that version. */
export const decodeRequest = (frame: Uint8Array, registry: HandlerRegistry): DecodedRequest => {
  const reader = new ByteReader(frame)
  const header = decodeRequestHeader(reader)
  const handler = registry.find(header.apiKey)!
  const { request } = handler.api
  return {
    header,
    handler,
    body: request.supports(header.apiVersion) ? request.decode(reader, header.apiVersion) : undefined
  }
}
