const table = new Int32Array(256)
for (let value = 0; value < 256; value++) {
  let crc = value
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  table[value] = crc
}

/** CRC-32 (IEEE 802.3) of `bytes[start, end)`, unsigned: the checksum of magic-0 and magic-1 messages. */
export const crc32 = (bytes: Uint8Array, start: number, end: number): number => {
  let crc = -1
  for (let at = start; at < end; at++) crc = table[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}
