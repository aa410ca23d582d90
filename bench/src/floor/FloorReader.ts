/** Reads the fields of flexible requests by hand; trusts its input, as a floor may. */
export class FloorReader {
  bytes: Uint8Array = new Uint8Array(0)
  at = 0

  reset(bytes: Uint8Array, at: number): void {
    this.bytes = bytes
    this.at = at
  }

  /** Takes the count by value: `at += read()` would use the position before the read. */
  skip(count: number): void {
    this.at += count
  }

  int16(): number {
    const value = ((this.bytes[this.at]! << 24) >> 16) | this.bytes[this.at + 1]!
    this.at += 2
    return value
  }

  int32(): number {
    const { bytes, at } = this
    this.at = at + 4
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  }

  int64(): number {
    const high = this.int32()
    return high * 0x1_0000_0000 + (this.int32() >>> 0)
  }

  uvarint(): number {
    let value = 0
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = this.bytes[this.at++]!
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw new Error("varint too long")
  }

  /** Length of a compact string, bytes or array; null and empty are both 0. */
  compactLength(): number {
    return Math.max(0, this.uvarint() - 1)
  }

  skipTags(): void {
    for (let count = this.uvarint(); count > 0; count--) {
      this.uvarint()
      this.at += this.uvarint()
    }
  }
}
