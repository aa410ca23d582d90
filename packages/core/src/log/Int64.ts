/** Big-endian int64 fields of state files as exact JavaScript numbers. */

const TWO_POW_32 = 0x1_0000_0000

/** The int64 at `at`; exact up to 2^53. */
export const readInt64 = (view: DataView, at: number): number => view.getInt32(at) * TWO_POW_32 + view.getUint32(at + 4)

/** Writes `value` as int64 at `at`. */
export const writeInt64 = (view: DataView, at: number, value: number): void => {
  view.setInt32(at, Math.floor(value / TWO_POW_32))
  view.setUint32(at + 4, value >>> 0)
}

/** A view over exactly the bytes of `bytes`. */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
