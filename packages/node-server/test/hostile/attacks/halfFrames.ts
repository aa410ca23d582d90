/** A3: frames that are begun and not ended. */
import { Produce } from "../../../../core/src/protocol/apis/Produce.ts"
import { frameOf, Peer } from "../Peer.ts"
import { type Attack, connectMany, type Field, MIB, pause, produceOf, untilOver } from "./Attack.ts"

const announced = (sizeBytes: number): Uint8Array => {
  const head = Buffer.concat(frameOf(Produce, 7, produceOf("nowhere", [new Uint8Array(100)])))
  head.writeInt32BE(sizeBytes, 0)
  return head
}

const begunFrames = (
  name: string,
  connections: number,
  go: (peer: Peer, field: Field) => Promise<unknown>
): Attack => ({
  kind: "A3",
  name,
  prepare: async (field) => {
    await Promise.resolve()
    return async () => {
      const peers = await connectMany(field.port, connections)
      const going = peers.map((peer) => go(peer, field))
      await untilOver(field, peers)
      await Promise.race([Promise.all(going), pause(1000)])
    }
  }
})

/** Sends as much of a frame as is taken. */
const sendAll = async (peer: Peer, field: Field, sizeBytes: number, stopAtBytes = sizeBytes - 1): Promise<void> => {
  const chunk = new Uint8Array(256 * 1024)
  await peer.write(announced(sizeBytes))
  for (let sent = 0; sent < stopAtBytes && !peer.isClosed && !field.isOver(); sent += chunk.length) {
    await peer.write(chunk)
  }
}

export const halfFrames: ReadonlyArray<Attack> = [
  begunFrames(
    "12 connections that each announce 100 MiB and send it",
    12,
    (peer, field) => sendAll(peer, field, 100 * MIB)
  ),
  begunFrames("40 connections that each send half of 100 MiB and leave", 40, async (peer, field) => {
    await sendAll(peer, field, 100 * MIB, 20 * MIB)
    await pause(field.draw(500))
    peer.destroy()
  }),
  begunFrames(
    "1,000 connections that send 1 MiB of 50 MiB and wait",
    1000,
    (peer, field) => sendAll(peer, field, 50 * MIB, MIB)
  ),
  begunFrames("300 connections that send a frame byte by byte", 300, async (peer, field) => {
    await peer.write(announced(90 * MIB))
    while (!field.isOver() && !peer.isClosed) {
      await peer.write(Uint8Array.of(0))
      await pause(20)
    }
  })
]
