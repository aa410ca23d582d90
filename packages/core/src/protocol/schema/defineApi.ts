import type { Fields, InputOfFields, ValueOfFields } from "./FieldType.ts"
import { Message } from "./Message.ts"
import { includesVersion, parseVersionRange, type VersionRange, type VersionRangeText } from "./VersionRange.ts"

/** ApiVersions, whose response header never has tagged fields: the client does not know our versions yet (KIP-511). */
const apiVersionsKey = 18

/** One API of the protocol: request and response for all versions. */
export interface Api<Name extends string = string, Request extends Fields = Fields, Response extends Fields = Fields> {
  readonly key: number
  readonly name: Name
  readonly versions: VersionRange
  readonly flexibleVersions: VersionRange
  readonly request: Message<Request>
  readonly response: Message<Response>
}

/** Any API, where request and response types do not matter. */
export type AnyApi = Api<string, any, any>

/** The decoded request of an API. */
export type RequestOf<A> = A extends Api<string, infer Request, any> ? ValueOfFields<Request> : never
/** The decoded response of an API. */
export type ResponseOf<A> = A extends Api<string, any, infer Response> ? ValueOfFields<Response> : never
/** A request to encode: fields with a declared default may be left out. */
export type RequestInputOf<A> = A extends Api<string, infer Request, any> ? InputOfFields<Request> : never
/** A response to encode: fields with a declared default may be left out. */
export type ResponseInputOf<A> = A extends Api<string, any, infer Response> ? InputOfFields<Response> : never

/**
 * Declares an API: key, versions that the broker accepts, first flexible version, and the fields of both directions.
 *
 * Field names are Kafka's, in lowerCamelCase.
 */
export const defineApi = <
  const Name extends string,
  const Request extends Fields,
  const Response extends Fields
>(options: {
  readonly key: number
  readonly name: Name
  readonly versions: VersionRangeText
  readonly flexible: VersionRangeText
  readonly request: Request
  readonly response: Response
}): Api<Name, Request, Response> => {
  const versions = parseVersionRange(options.versions)
  const flexibleVersions = parseVersionRange(options.flexible)
  return {
    key: options.key,
    name: options.name,
    versions,
    flexibleVersions,
    request: new Message({ name: `${options.name}Request`, versions, flexibleVersions, fields: options.request }),
    response: new Message({ name: `${options.name}Response`, versions, flexibleVersions, fields: options.response })
  }
}

/** 2 with tagged fields, else 1. */
export const requestHeaderVersion = (api: AnyApi, version: number): 1 | 2 =>
  includesVersion(api.flexibleVersions, version) ? 2 : 1

/** 1 with tagged fields, else 0. */
export const responseHeaderVersion = (api: AnyApi, version: number): 0 | 1 =>
  api.key !== apiVersionsKey && includesVersion(api.flexibleVersions, version) ? 1 : 0
