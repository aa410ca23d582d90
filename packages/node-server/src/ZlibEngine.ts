/**
 * What a stream of `node:zlib` has and Node does not document; npm's own tar reader has relied on it since Node 4. After a
 * write `_writeState` holds the bytes left free in the output, and those unread in the input. It is tried before it is
 * trusted.
 */
export interface ZlibEngine {
  readonly destroyed: boolean
  readonly on: (event: "error", listener: () => void) => unknown
  readonly reset: () => void
  readonly close: () => void
  readonly _writeState: Uint32Array
  readonly _handle: {
    readonly writeSync: (
      flush: number,
      input: Uint8Array,
      inputStart: number,
      inputBytes: number,
      output: Uint8Array,
      outputStart: number,
      outputBytes: number
    ) => void
  }
}
