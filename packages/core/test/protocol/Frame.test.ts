import { assert, describe, it } from "@effect/vitest"
import { Uuid } from "../../src/model/Uuid.ts"
import { ApiVersions } from "../../src/protocol/apis/ApiVersions.ts"
import { Fetch } from "../../src/protocol/apis/Fetch.ts"
import { apis } from "../../src/protocol/apis/index.ts"
import { Metadata } from "../../src/protocol/apis/Metadata.ts"
import { decodeRequestHeader, decodeResponse, encodeRequest, encodeResponse } from "../../src/protocol/Frame.ts"
import { type AnyApi, requestHeaderVersion, responseHeaderVersion } from "../../src/protocol/schema/defineApi.ts"
import { ByteReader } from "../../src/protocol/wire/ByteReader.ts"
import { DecodeError } from "../../src/protocol/wire/DecodeError.ts"
import { goldenRows } from "./goldenRows.ts"
import { randomStruct, seeded } from "./randomMessage.ts"

const join = (chunks: ReadonlyArray<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat(chunks))

describe("Frame", () => {
  it("requests and responses of every API and version survive the way through a frame", () => {
    for (const api of Object.values(apis)) {
      for (let version = api.versions.min; version <= api.versions.max; version++) {
        const header = { correlationId: 1000 + version, clientId: version % 2 === 0 ? "client-é" : null }
        const request = randomStruct(api.request.fields, version, seeded(version + api.key))
        const requestBytes = join(encodeRequest<AnyApi>(api, version, header, request as never))
        const reader = new ByteReader(requestBytes)
        assert.strictEqual(reader.int32(), requestBytes.length - 4)
        assert.deepStrictEqual(decodeRequestHeader(reader), { apiKey: api.key, apiVersion: version, ...header })
        assert.deepStrictEqual(api.request.decode(reader, version) as unknown, request)
        assert.strictEqual(reader.remaining, 0)

        const response = randomStruct(api.response.fields, version, seeded(version + api.key))
        const responseBytes = join(encodeResponse<AnyApi>(api, version, 77, response as never))
        assert.strictEqual(new ByteReader(responseBytes).int32(), responseBytes.length - 4)
        const decoded = decodeResponse(api, version, responseBytes.subarray(4))
        assert.deepStrictEqual(decoded as unknown, { correlationId: 77, body: response })
      }
    }
  })

  it("reads request headers made by Kafka's Java library, of either version", () => {
    const headers = goldenRows.filter((row) => row.message === "RequestHeader")
    assert.isAtLeast(headers.length, 4)
    for (const row of headers) {
      const json = row.json as Record<string, unknown>
      const bytes = new Uint8Array(Buffer.from(row.bytes, "base64"))
      // Keys and versions in the rows are made up; those of a real API make the reader expect this header version.
      new DataView(bytes.buffer).setInt16(0, Metadata.key)
      new DataView(bytes.buffer).setInt16(2, row.version === 1 ? 8 : 9)
      const reader = new ByteReader(bytes)
      const header = decodeRequestHeader(reader)
      assert.strictEqual(header.correlationId, json["correlationId"])
      assert.strictEqual(header.clientId, json["clientId"])
      assert.strictEqual(reader.remaining, 0)
    }
  })

  it("header versions follow the flexible versions, but ApiVersions never gets a flexible response header", () => {
    assert.strictEqual(requestHeaderVersion(ApiVersions, 2), 1)
    assert.strictEqual(requestHeaderVersion(ApiVersions, 3), 2)
    assert.strictEqual(responseHeaderVersion(ApiVersions, 3), 0)
    assert.strictEqual(responseHeaderVersion(Metadata, 9), 1)
    assert.strictEqual(responseHeaderVersion(Metadata, 8), 0)
    assert.strictEqual(requestHeaderVersion(apis.OffsetDelete, 0), 1)
  })

  it("reads the header of unknown keys and versions up to the client id; newer ApiVersions have tags behind it", () => {
    for (const [key, version] of [[18, -1], [9999, 0], [-1, -1]]) {
      const bytes = new Uint8Array([0, 0, 0, 0, 0, 0, 0, 5, 0, 1, 99, 0xff])
      new DataView(bytes.buffer).setInt16(0, key!)
      new DataView(bytes.buffer).setInt16(2, version!)
      const header = decodeRequestHeader(new ByteReader(bytes))
      assert.deepStrictEqual(header, { apiKey: key!, apiVersion: version!, correlationId: 5, clientId: "c" })
    }
    const newer = [0, 18, 0, 99, 0, 0, 0, 5, 0, 1, 99]
    const reader = new ByteReader(Uint8Array.from([...newer, 1, 7, 1, 0xff]))
    assert.deepInclude(decodeRequestHeader(reader), { apiVersion: 99, clientId: "c" })
    assert.strictEqual(reader.remaining, 0)
    assert.throws(() => decodeRequestHeader(new ByteReader(Uint8Array.from(newer))))
  })

  it("reads ControlledShutdown version 0, the only header without a client id", () => {
    const reader = new ByteReader(new Uint8Array([0, 7, 0, 0, 0, 0, 0, 5, 0, 0, 0, 1]))
    assert.deepStrictEqual(decodeRequestHeader(reader), { apiKey: 7, apiVersion: 0, correlationId: 5, clientId: null })
    assert.strictEqual(reader.remaining, 4)
  })

  it("refuses truncated headers", () => {
    const bytes = join(encodeRequest(Metadata, 12, { correlationId: 1, clientId: "client" }, {
      topics: null,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false
    })).subarray(4)
    for (let length = 0; length < 17; length++) {
      assert.throws(() => decodeRequestHeader(new ByteReader(bytes, 0, length)), DecodeError)
    }
  })

  it("hands out the records of a Fetch response uncopied, also when they come in several pieces", () => {
    const pieces = [new Uint8Array(5000).fill(1), new Uint8Array(6000).fill(2)]
    const chunks = encodeResponse(Fetch, 17, 1, {
      errorCode: 0,
      responses: [{
        topic: "",
        topicId: Uuid.one,
        partitions: [{ partitionIndex: 0, errorCode: 0, highWatermark: 9, abortedTransactions: null, records: pieces }]
      }]
    })
    assert.include(chunks, pieces[0]!)
    assert.include(chunks, pieces[1]!)
    const decoded = decodeResponse(Fetch, 17, join(chunks).subarray(4))
    assert.deepStrictEqual(decoded.body.responses[0]!.partitions[0]!.records, join(pieces))
  })
})
