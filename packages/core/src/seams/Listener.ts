import { Context, Schema } from "effect"
import type { Effect, Scope } from "effect"

/** An address could not be listened on. */
export class ListenError extends Schema.TaggedError<ListenError>()("ListenError", {
  host: Schema.String,
  port: Schema.Number,
  reason: Schema.Literals(["AddressInUse", "AddressNotAvailable", "PermissionDenied", "Other"]),
  message: Schema.String
}) {}

/** What a byte connection tells its owner. Called on the connection's own turn, never re-entrantly from `write`. */
export interface ByteConnectionEvents {
  /** Bytes arrived. The chunk is only lent: it may be overwritten as soon as the call returns. */
  readonly onData: (chunk: Uint8Array) => void
  /** A `write` that returned false has been flushed. */
  readonly onDrain: () => void
  /** The connection is gone, by the peer, by an error or by `close`; nothing follows. */
  readonly onClose: () => void
}

/** What a secured transport knows of its peer. */
export interface TlsFacts {
  /** For example `TLSv1.3`. */
  readonly protocol: string
  readonly cipher: string
  /** Distinguished name in the certificate of the peer, undefined when it showed none. */
  readonly peerName: string | undefined
}

/** A full-duplex byte stream with back-pressure both ways: TCP, TLS or in process. */
export interface ByteConnection {
  /** Peer address without port, for example `127.0.0.1`. */
  readonly remoteAddress: string
  /** The own address by which the peer reached this end. */
  readonly localAddress: string
  /** Left out where the transport is not secured. */
  readonly tls?: TlsFacts
  /** Starts delivery; must be called once, before anything arrives at the owner. */
  readonly start: (events: ByteConnectionEvents) => void
  /**
   * Queues the chunks; false asks the owner to hold further writes until `onDrain`. `onWritten` is called once
   * the chunks are not looked at any more, sent or not; never when that does not happen, as where the peer is handed the
   * chunks themselves.
   */
  readonly write: (chunks: ReadonlyArray<Uint8Array>, onWritten?: () => void) => boolean
  /**
   * Bytes given to `write` that the system has not taken: they fall while the peer reads. Without it a peer that takes a
   * large answer slowly looks like one that takes nothing.
   */
  readonly unsentBytes?: () => number
  /** Stops and resumes `onData`. */
  readonly pause: () => void
  readonly resume: () => void
  /** Sends what is queued, then closes; `destroy` drops what is queued. */
  readonly close: () => void
  readonly destroy: () => void
}

/** An address that accepts connections until its scope closes. */
export interface BoundListener {
  readonly host: string
  /** The real port, also when 0 was asked for. */
  readonly port: number
}

/** The seam through which byte connections reach the broker. */
export class Listener extends Context.Service<Listener, {
  /**
   * Binds and starts accepting; completes once connections are accepted. Closing the scope stops accepting; open
   * connections stay with their owner. `onConnection` is called once per connection and must not throw.
   */
  readonly listen: (
    options: {
      readonly host: string
      readonly port: number
      /** Connections the system may hold before they are accepted. */
      readonly backlog: number
    },
    onConnection: (connection: ByteConnection) => void
  ) => Effect.Effect<BoundListener, ListenError, Scope.Scope>
}>()("@kafka-broker/core/seams/Listener") {}
