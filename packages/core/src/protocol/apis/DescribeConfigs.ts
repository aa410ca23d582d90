/**
 * DescribeConfigs, versions 1-4. Configs of topics, brokers and groups (KIP-133).
 * 1: synonyms (KIP-226); 3: types and documentation (KIP-569); 4: flexible.
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 32, for all versions. */
export const DescribeConfigs = defineApi({
  key: 32,
  name: "DescribeConfigs",
  versions: "1-4",
  flexible: "4+",
  request: {
    resources: Wire.array({
      /** 2: topic; 4: broker; 8: broker logger; 16: client metrics; 32: group. */
      resourceType: Wire.int8,
      resourceName: Wire.string,
      /** null: all configs. */
      configurationKeys: Wire.arrayOf(Wire.string).nullable()
    }),
    includeSynonyms: Wire.boolean.default(false),
    includeDocumentation: Wire.boolean.in("3+").default(false)
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    results: Wire.array({
      errorCode: Wire.int16,
      errorMessage: Wire.nullableString,
      resourceType: Wire.int8,
      resourceName: Wire.string,
      configs: Wire.array({
        name: Wire.string,
        value: Wire.nullableString,
        readOnly: Wire.boolean,
        /** Source: DescribeConfigsResponse.ConfigSource. */
        configSource: Wire.int8.default(-1),
        isSensitive: Wire.boolean,
        synonyms: Wire.array({
          name: Wire.string,
          value: Wire.nullableString,
          source: Wire.int8
        }),
        /** Source: DescribeConfigsResponse.ConfigType. */
        configType: Wire.int8.in("3+").default(0),
        documentation: Wire.nullableString.in("3+")
      })
    })
  }
})
/** A decoded DescribeConfigs request. */
export type DescribeConfigsRequest = RequestOf<typeof DescribeConfigs>
/** A DescribeConfigs request to encode. */
export type DescribeConfigsRequestInput = RequestInputOf<typeof DescribeConfigs>
/** A decoded DescribeConfigs response. */
export type DescribeConfigsResponse = ResponseOf<typeof DescribeConfigs>
/** A DescribeConfigs response to encode. */
export type DescribeConfigsResponseInput = ResponseInputOf<typeof DescribeConfigs>
