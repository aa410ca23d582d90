import {
  type AnyApi,
  requestHeaderVersion,
  type RequestInputOf,
  responseHeaderVersion,
  type ResponseInputOf,
  type ResponseOf
} from "./schema/defineApi.ts"
import { ByteReader } from "./wire/ByteReader.ts"
import { ByteWriter } from "./wire/ByteWriter.ts"
import { apiByKey } from "./apis/index.ts"

/** Bytes of the size prefix before every request and response: a big-endian int32 that does not count itself. */
export const sizePrefixBytes = 4

/** ControlledShutdown, the one API whose version 0 has a header without client id. */
const controlledShutdownKey = 7

/** ApiVersions, whose newer versions are answered too (KIP-511). */
const apiVersionsKey = 18

/** The header of a request. */
export interface RequestHeader {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
}

/**
 * Reads a request header (v0, v1 or v2) from a frame without its size prefix; the reader then stands at the body.
 *
 * For an API or version that is not declared the header is read up to the client id. ApiVersions of a newer version
 * must still have the header of the newest one: it gets UNSUPPORTED_VERSION in a version-0 response (KIP-511).
 * The client id has a classic length even in v2, so that any broker can read it. Throws `DecodeError`.
 */
export const decodeRequestHeader = (reader: ByteReader): RequestHeader => {
  const apiKey = reader.int16()
  const apiVersion = reader.int16()
  const correlationId = reader.int32()
  const clientId = apiKey === controlledShutdownKey && apiVersion === 0 ? null : reader.nullableString()
  const api = apiByKey(apiKey)
  if (api !== undefined && (api.request.supports(apiVersion) || apiKey === apiVersionsKey)) {
    if (requestHeaderVersion(api, apiVersion) === 2) reader.skipTags()
  }
  return { apiKey, apiVersion, correlationId, clientId }
}

/**
 * Writes one response frame; several may follow each other before `writer.finish()`.
 *
 * Throws `EncodeError`; the caller then resets the writer.
 */
export const writeResponse = <A extends AnyApi>(
  writer: ByteWriter,
  api: A,
  version: number,
  correlationId: number,
  body: ResponseInputOf<A>
): void => {
  writer.beginFrame()
  writer.int32(correlationId)
  if (responseHeaderVersion(api, version) === 1) writer.int8(0)
  api.response.encode(writer, version, body)
  writer.endFrame()
}

/** One writer serves all frames: encoding is synchronous, and what `finish` hands out is never written again. */
const sharedWriter = new ByteWriter()

/**
 * One response frame, size prefix included, as chunks to be written in order.
 *
 * Byte fields above 4 KiB (records of Fetch) are chunks of their own, not copied. Throws `EncodeError`.
 */
export const encodeResponse = <A extends AnyApi>(
  api: A,
  version: number,
  correlationId: number,
  body: ResponseInputOf<A>
): Array<Uint8Array> => {
  sharedWriter.reset()
  writeResponse(sharedWriter, api, version, correlationId, body)
  return sharedWriter.finish()
}

/** One request frame, size prefix included, as chunks in order; for our own clients. Throws `EncodeError`. */
export const encodeRequest = <A extends AnyApi>(
  api: A,
  version: number,
  header: { readonly correlationId: number; readonly clientId: string | null },
  body: RequestInputOf<A>
): Array<Uint8Array> => {
  sharedWriter.reset()
  sharedWriter.beginFrame()
  sharedWriter.int16(api.key)
  sharedWriter.int16(version)
  sharedWriter.int32(header.correlationId)
  sharedWriter.nullableString(header.clientId)
  if (requestHeaderVersion(api, version) === 2) sharedWriter.int8(0)
  api.request.encode(sharedWriter, version, body)
  sharedWriter.endFrame()
  return sharedWriter.finish()
}

/** Reads a response from a frame without its size prefix; the version is that of the request. Throws `DecodeError`. */
export const decodeResponse = <A extends AnyApi>(
  api: A,
  version: number,
  frame: Uint8Array
): { readonly correlationId: number; readonly body: ResponseOf<A> } => {
  const reader = new ByteReader(frame)
  const correlationId = reader.int32()
  if (responseHeaderVersion(api, version) === 1) reader.skipTags()
  return { correlationId, body: api.response.decode(reader, version) as ResponseOf<A> }
}
