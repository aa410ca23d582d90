import { assert, describe, it } from "@effect/vitest"
import { ErrorCode, errorName, isRetriable } from "../../src/model/ErrorCode.ts"
import { errorMessage } from "../../src/model/errorMessage.ts"

describe("ErrorCode", () => {
  it("covers -1 to 133 without gaps, each number once", () => {
    const codes = Object.values(ErrorCode)
    assert.deepStrictEqual(codes, Array.from({ length: 135 }, (_, i) => i - 1))
    for (const code of codes) assert.strictEqual(ErrorCode[errorName(code)!], code)
  })

  it("every error has a text, success has none", () => {
    for (const code of Object.values(ErrorCode)) {
      if (code !== ErrorCode.NONE) assert.isAbove(errorMessage(code)!.length, 10)
    }
    assert.isNull(errorMessage(ErrorCode.NONE))
    assert.strictEqual(errorMessage(9999), errorMessage(ErrorCode.UNKNOWN_SERVER_ERROR))
  })

  it("knows which errors clients try again", () => {
    assert.isTrue(isRetriable(ErrorCode.NOT_LEADER_OR_FOLLOWER))
    assert.isTrue(isRetriable(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS))
    assert.isFalse(isRetriable(ErrorCode.NONE))
    assert.isFalse(isRetriable(ErrorCode.OFFSET_OUT_OF_RANGE))
    assert.isUndefined(errorName(9999))
  })
})
