import { Listener, ListenError } from "@kafka-broker/core/seams"
import type { ByteConnection } from "@kafka-broker/core/seams"
import { Effect, Layer } from "effect"
import * as Net from "node:net"
import { withSharedReads } from "./sharedReads.ts"

/**
 * How long a peer has to close its half once it was sent everything, the end included. By then all of it is the system's;
 * the time lets what the peer still sends be read, because a socket closed with unread input resets the connection, and a
 * reset may overtake what was sent.
 */
const LINGER_MS = 20
/** How long a peer has to take what it was sent before the close. */
const CLOSE_MS = 2_000

/**
 * What the system has not taken. `writableLength` falls only when a whole write is done; libuv knows more, which Node looks
 * at for its own timeouts.
 */
const unsentBytes = (socket: Net.Socket): number => {
  const handle = (socket as unknown as { readonly _handle?: { readonly writeQueueSize?: number } | null })._handle
  return handle?.writeQueueSize ?? socket.writableLength
}

/** A TCP socket, accepted and paused, as a byte connection. Several chunks leave as one `writev`. */
const fromSocket = (accepted: Net.Socket): ByteConnection => {
  let closed = false
  let receive: ((chunk: Uint8Array) => void) | undefined
  const shared = withSharedReads(accepted, (chunk) => receive!(chunk))
  const socket = shared ?? accepted
  return {
    remoteAddress: plainAddress(socket.remoteAddress ?? ""),
    localAddress: plainAddress(socket.localAddress ?? ""),
    start: (events) => {
      receive = events.onData
      if (shared === undefined) socket.on("data", events.onData)
      socket.on("drain", events.onDrain)
      socket.on("close", () => {
        closed = true
        events.onClose()
      })
      // An error is always followed by close; without a listener it would end the process.
      socket.on("error", () => {})
      socket.resume()
    },
    write: (chunks, onWritten) => {
      if (closed) {
        onWritten?.()
        return true
      }
      const last = chunks.length - 1
      if (last > 0) socket.cork()
      for (let i = 0; i < last; i++) socket.write(chunks[i]!)
      // Called too when the socket was destroyed: the system has copied what it took, and looks at nothing of the rest.
      const open = socket.write(chunks[last]!, onWritten && (() => onWritten()))
      if (last > 0) socket.uncork()
      return open
    },
    unsentBytes: () => unsentBytes(socket),
    pause: () => {
      socket.pause()
    },
    resume: () => {
      socket.resume()
    },
    close: () => {
      // A paused socket does not see that the peer has closed.
      socket.resume()
      let timer = setTimeout(() => socket.destroy(), CLOSE_MS)
      socket.once("close", () => clearTimeout(timer))
      socket.end(() => {
        clearTimeout(timer)
        timer = setTimeout(() => socket.destroy(), LINGER_MS)
      })
    },
    destroy: () => {
      socket.destroy()
    }
  }
}

/** IPv4 peers of a dual-stack socket are shown as IPv4, as Java shows them. */
const plainAddress = (address: string): string => address.startsWith("::ffff:") ? address.slice(7) : address

const reasonOf = (code: string | undefined): ListenError["reason"] => {
  switch (code) {
    case "EADDRINUSE":
      return "AddressInUse"
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return "AddressNotAvailable"
    case "EACCES":
      return "PermissionDenied"
    default:
      return "Other"
  }
}

const listen: Listener["Service"]["listen"] = ({ backlog, host, port }, onConnection) =>
  Effect.acquireRelease(
    Effect.callback<Net.Server, ListenError>((resume) => {
      const server = Net.createServer({ noDelay: true, pauseOnConnect: true }, (socket) =>
        onConnection(fromSocket(socket)))
      server.on("error", (error: NodeJS.ErrnoException) => {
        resume(Effect.fail(new ListenError({ host, port, reason: reasonOf(error.code), message: error.message })))
      })
      // Without a host Node listens on every interface, of IPv6 and IPv4 where the system has both.
      server.listen({ ...(host === "" ? {} : { host }), port, backlog }, () =>
        resume(Effect.succeed(server)))
    }),
    // Stops accepting at once; the connections belong to their actors, so their end is not awaited here.
    (server) =>
      Effect.sync(() => {
        server.close()
      })
  ).pipe(Effect.map((server) => {
    const address = server.address() as Net.AddressInfo
    return { host: address.address, port: address.port }
  }))

/** Connections over TCP. */
export const NodeListener = {
  layer: Layer.succeed(Listener, { listen })
}
