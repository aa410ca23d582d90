import type { ByteConnection } from "@kafka-broker/core/seams"
import * as Net from "node:net"

/** A connection to a broker over TCP, for the client; what is written before it is open waits. */
export const connectTcp = (address: { readonly host: string; readonly port: number }): ByteConnection => {
  const socket = Net.connect({ ...address, noDelay: true })
  let closed = false
  // An error is always followed by close; without a listener it would end the process.
  socket.on("error", () => {})
  return {
    remoteAddress: address.host,
    localAddress: "",
    start: ({ onClose, onData, onDrain }) => {
      socket.on("data", onData)
      socket.on("drain", onDrain)
      socket.on("close", () => {
        closed = true
        onClose()
      })
    },
    write: (chunks) => {
      if (closed) return true
      let open = true
      for (const chunk of chunks) open = socket.write(chunk)
      return open
    },
    pause: () => {
      socket.pause()
    },
    resume: () => {
      socket.resume()
    },
    close: () => {
      socket.end()
    },
    destroy: () => {
      socket.destroy()
    }
  }
}
