import { freeMemory } from "./compression/Pieces.ts"
import { InvalidRecordError, RecordCursor, recordSizeBytes } from "./RecordCursor.ts"

const none = new Uint8Array(0)

/** Below it memory is left to the collector. */
const freedBytesMin = 1024 * 1024

/**
 * The records of one magic-2 batch whose bytes come in pieces, as a decompressor gives them. A piece may be overwritten
 * once `next()` returned false; only a record that goes over the end of a piece is kept. Nothing is read after the first
 * malformed record. Source: `DefaultRecordBatch.StreamRecordIterator`.
 */
export class RecordPieces {
  /** Shows the current record. */
  readonly cursor: RecordCursor
  /** What of the last piece has not been looked at. */
  private rest: Uint8Array = none
  /** The record that is not whole yet, and its bytes so far; room for all of it once its length is known. */
  private held: Uint8Array = none
  private heldBytes = 0
  /** What the cursor shows, when that is a record that was held. */
  private shown: Uint8Array | undefined = undefined
  private readonly recordBytesMax: number
  /** A record declares more than can come: the rest of the batch cannot be read. */
  private isOverlong = false

  /** `recordBytesMax`: bytes of the largest record, more than which do not come. */
  constructor(batch: Uint8Array, recordBytesMax: number) {
    this.cursor = new RecordCursor(batch, 0, none)
    this.cursor.continueIn(none, false)
    this.recordBytesMax = recordBytesMax
  }

  /** Takes the next piece, after `next()` returned false. */
  add(piece: Uint8Array): void {
    this.rest = piece
  }

  /** Moves to the next record; false when it is not whole yet, or after a malformed one. */
  next(): boolean {
    const { cursor } = this
    while (true) {
      if (cursor.next()) return true
      if (cursor.error !== undefined || this.isOverlong) return false
      const begun = cursor.unread
      if (begun.length > 0) {
        this.hold(begun)
        cursor.continueIn(none, false)
      }
      this.free()
      if (this.rest.length === 0) return false
      if (this.heldBytes === 0) {
        cursor.continueIn(this.rest, false)
        this.rest = none
      } else this.complete()
    }
  }

  /** What is wrong once the last piece was read, the batch's end included. */
  end(): InvalidRecordError | undefined {
    const { cursor } = this
    if (this.isOverlong) return new InvalidRecordError("size", cursor.index + 1)
    cursor.continueIn(this.held.subarray(0, this.heldBytes), true)
    cursor.next()
    return cursor.error
  }

  private hold(begun: Uint8Array): void {
    const sizeBytes = recordSizeBytes(begun, 0)
    this.isOverlong = sizeBytes > this.recordBytesMax
    if (this.isOverlong) return
    this.held = new Uint8Array(Math.max(sizeBytes, begun.length + 1))
    this.held.set(begun)
    this.heldBytes = begun.length
  }

  /** Adds to the record that is held, and shows it to the cursor when it is whole. */
  private complete(): void {
    const missing = this.held.length - this.heldBytes
    const taken = this.rest.subarray(0, missing)
    this.held.set(taken, this.heldBytes)
    this.heldBytes += taken.length
    this.rest = this.rest.subarray(taken.length)
    if (this.heldBytes < this.held.length) return
    const bytes = this.held
    const sizeBytes = recordSizeBytes(bytes, 0)
    this.heldBytes = 0
    this.held = none
    if (sizeBytes === 0 || sizeBytes > bytes.length) this.hold(bytes)
    else {
      this.shown = bytes
      this.cursor.continueIn(bytes, false)
    }
  }

  /** Gives back the memory of a large record, which nobody looks at any more: the collector may leave it for long. */
  private free(): void {
    if (this.shown === undefined) return
    this.cursor.continueIn(none, false)
    if (this.shown.length >= freedBytesMin) freeMemory(this.shown)
    this.shown = undefined
  }
}
