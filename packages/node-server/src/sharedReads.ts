import * as Net from "node:net"

/** Bytes taken from a socket at a time. */
const READ_BYTES = 128 * 1024

/** What arrives on any connection of the process, until the next read. */
const readBuffer = new Uint8Array(READ_BYTES)

/**
 * The connection `accepted`, which must be paused and is not to be used any more, as a socket that hands over what
 * arrives in memory that the next read of any connection overwrites: an ordinary socket allocates 64 KiB outside of the
 * heap for each read, and the garbage collector runs as often as that adds up. It reads after `resume`. Node has this as
 * the option `onread` of sockets that connect, but not for sockets that a server accepts. So this takes the handle of
 * the accepted one, as Node's own server does; where there is none that can do it, the result is undefined.
 */
export const withSharedReads = (
  accepted: Net.Socket,
  onData: (chunk: Uint8Array) => void
): Net.Socket | undefined => {
  const handle = (accepted as unknown as { readonly _handle?: { readonly useUserBuffer?: unknown } | null })._handle
  if (typeof handle?.useUserBuffer !== "function") return undefined
  const options = {
    handle,
    manualStart: true,
    readable: true,
    writable: true,
    onread: {
      buffer: readBuffer,
      callback: (lengthBytes: number) => {
        onData(readBuffer.subarray(0, lengthBytes))
        return true
      }
    }
  }
  return new Net.Socket(options as unknown as Net.SocketConstructorOpts)
}
