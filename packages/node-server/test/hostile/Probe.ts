import { Metadata } from "../../../core/src/protocol/apis/Metadata.ts"
import { SocketClient } from "../crash/SocketClient.ts"

const intervalMs = 200
const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs))

const cluster = {
  topics: [],
  allowAutoTopicCreation: false,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false
}

/** A well-behaved client: asks for Metadata each 200 ms, on the connection it had before anything happened. */
export class Probe {
  private readonly client: SocketClient
  private isEnded = false
  private greatestMs = 0
  private asked = 0

  private constructor(client: SocketClient) {
    this.client = client
  }

  static async connect(port: number): Promise<Probe> {
    const probe = new Probe(await SocketClient.connect(port))
    await probe.client.request(Metadata, 9, cluster)
    return probe
  }

  /** Asks until {@link Probe.end}, and then gives the greatest wait. */
  async run(): Promise<{ readonly greatestMs: number; readonly asked: number }> {
    this.isEnded = false
    this.greatestMs = 0
    this.asked = 0
    while (!this.isEnded) {
      const beganMs = performance.now()
      await this.client.request(Metadata, 9, cluster)
      const waitedMs = performance.now() - beganMs
      this.asked++
      this.greatestMs = Math.max(this.greatestMs, waitedMs)
      await pause(Math.max(0, intervalMs - waitedMs))
    }
    return { greatestMs: this.greatestMs, asked: this.asked }
  }

  /** The request under way is still waited for. */
  end(): void {
    this.isEnded = true
  }

  close(): void {
    this.client.close()
  }
}
