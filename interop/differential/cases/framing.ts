import { apis, Frame } from "@kafka-broker/core/protocol"
import { type Case, eachOf, eachVersion, test } from "../Case.ts"
import type { Body, Probe } from "../Probe.ts"

const { ApiVersions } = apis

/** A frame: size prefix, API key, version, correlation id 7, client id "x", then the body's bytes. */
const frame = (apiKey: number, version: number, body: ReadonlyArray<number> = []): Uint8Array => {
  const bytes = Buffer.alloc(4 + 8 + 3 + body.length)
  bytes.writeInt32BE(bytes.length - 4, 0)
  bytes.writeInt16BE(apiKey, 4)
  bytes.writeInt16BE(version, 6)
  bytes.writeInt32BE(7, 8)
  bytes.writeInt16BE(1, 12)
  bytes[14] = 120
  bytes.set(body, 15)
  return bytes
}

const size = (value: number, ...rest: ReadonlyArray<number>): Uint8Array => {
  const bytes = Buffer.alloc(4 + rest.length)
  bytes.writeInt32BE(value, 0)
  bytes.set(rest, 4)
  return bytes
}

const comparedKeys = [0, 1, 2, 3, 10, 18, 19, 20, 21, 22, 23, 32, 33, 35, 37, 44, 60, 75]

/** Key, lowest and highest version of the APIs that are compared; features are the broker's own affair. */
const compared = (body: Body): Body => ({
  errorCode: body.errorCode,
  throttleTimeMs: body.throttleTimeMs,
  zkMigrationReady: body.zkMigrationReady,
  versions: Object.fromEntries(
    body.apiKeys
      .filter(({ apiKey }: Body) => comparedKeys.includes(apiKey))
      .map(({ apiKey, maxVersion, minVersion }: Body) => [`key ${apiKey}`, { minVersion, maxVersion }])
  )
})

const versionsAnswer = (bytes: Uint8Array): unknown => {
  const { body, correlationId } = Frame.decodeResponse(ApiVersions, 0, bytes)
  return { correlationId, errorCode: body.errorCode, apiKeys: body.apiKeys }
}

/** Produce below 3 and CreateTopics below 2 are not among them: they are still served here. */
const badFrames: Readonly<Record<string, Uint8Array>> = {
  "size 0": size(0),
  "size -1": size(-1),
  "size 2^31-1": size(2_147_483_647, 0, 18, 0, 0),
  "size above 100 MiB": size(104_857_601, 0, 18, 0, 0),
  "size 3": size(3, 0, 18, 0),
  "size 7": size(7, 0, 18, 0, 0, 0, 0, 0),
  "API key 999": frame(999, 0),
  "API key -1": frame(-1, 0),
  "API key 4, LeaderAndIsr": frame(4, 0),
  "API key 52, Vote": frame(52, 0),
  "Produce v14": frame(0, 14),
  "Fetch v3": frame(1, 3),
  "Metadata v14": frame(3, 14),
  "Metadata v-1": frame(3, -1),
  "Metadata v1 without a body": frame(3, 1),
  "Metadata v1 with a count of -2": frame(3, 1, [255, 255, 255, 254]),
  "Metadata v0 with a count of -1": frame(3, 0, [255, 255, 255, 255]),
  "a client id of length -2": size(14, 0, 3, 0, 1, 0, 0, 0, 7, 255, 254, 255, 255, 255, 255),
  "Metadata v1 with a count of 2^31-1": frame(3, 1, [127, 255, 255, 255]),
  "Metadata v1 with a name longer than the frame": frame(3, 1, [0, 0, 0, 1, 0, 50, 97]),
  "Metadata v1 with a null name": frame(3, 1, [0, 0, 0, 1, 255, 255]),
  "a client id longer than the frame": size(12, 0, 3, 0, 1, 0, 0, 0, 7, 0, 90, 120, 120)
}

const readMetadata = (bytes: Uint8Array): string => `an answer to request ${Buffer.from(bytes).readInt32BE(0)}`

/** After a bad frame another connection must still be served. */
const stillServes = async (probe: Probe): Promise<void> => {
  probe.reconnect()
  await probe.send(ApiVersions, 0, {}, { label: "another connection", view: (body) => body.errorCode })
}

export const framingCases: ReadonlyArray<Case> = [
  ...eachVersion(ApiVersions, [0, 4], "the versions of every API", async (probe, version) => {
    const view = (body: Body): Body => compared(body)
    await probe.send(ApiVersions, version, { clientSoftwareName: "test", clientSoftwareVersion: "1.0" }, { view })
  }),
  ...eachOf<readonly [string, string]>(
    {
      "empty name": ["", "1.0"],
      "empty version": ["test", ""],
      "name with a space": ["a b", "1.0"],
      "name with a slash": ["a/b", "1.0"],
      "name that starts with a dash": ["-a", "1.0"],
      "version that ends with a dot": ["a", "1.0."],
      "name and version of one character": ["a", "1"],
      "non-ASCII name": ["größe", "1"]
    },
    (name) => `ApiVersions: ${name}`,
    async (probe, [clientSoftwareName, clientSoftwareVersion]) => {
      await probe.send(ApiVersions, 3, { clientSoftwareName, clientSoftwareVersion }, {
        view: ({ apiKeys, errorCode }) => ({ errorCode, apis: apiKeys.length > 0 })
      })
    }
  ),
  ...eachOf(
    { "5": 5, "99": 99, "32767": 32_767, "-1": -1 },
    (version) => `ApiVersions: unsupported version ${version}`,
    async (probe, version) => {
      await probe.raw(`v${version}`, frame(18, version, [0]), versionsAnswer)
      await probe.raw(`v${version} without tagged fields in the header`, frame(18, version), versionsAnswer)
      await probe.send(ApiVersions, 0, {}, { label: "the same connection", view: (body) => body.errorCode })
    }
  ),
  ...eachOf(badFrames, (name) => `Frame: ${name}`, async (probe, bytes) => {
    await probe.raw("sent", bytes, readMetadata, 1_000)
    await stillServes(probe)
  }),
  test("Frame: bytes after the body", async (probe) => {
    await probe.raw("Metadata v1, no topics", frame(3, 1, [0, 0, 0, 0, 1, 2, 3]), readMetadata)
    await stillServes(probe)
  }),
  test("Frame: an unknown tagged field", async (probe) => {
    await probe.raw("Metadata v9", frame(3, 9, [0, 1, 0, 0, 0, 1, 0x77, 2, 1, 2]), readMetadata)
    await probe.raw("in the header", frame(3, 9, [1, 0x55, 1, 9, 1, 0, 0, 0, 0]), readMetadata)
  }),
  test("Frame: a null client id", async (probe) => {
    await probe.send(ApiVersions, 0, {}, { clientId: null, view: (body) => body.errorCode })
    await probe.send(ApiVersions, 3, { clientSoftwareName: "a", clientSoftwareVersion: "1" }, {
      clientId: null,
      view: (body) => body.errorCode
    })
  }),
  test("Frame: two requests at once are answered in order", async (probe) => {
    const first = frame(3, 1, [0, 0, 0, 0])
    const second = Uint8Array.from(first)
    second[11] = 8
    await probe.raw("first", Buffer.concat([first, second]), readMetadata)
    await probe.raw("second", new Uint8Array(0), readMetadata)
  })
]
