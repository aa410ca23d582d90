import { KafkaBroker } from "@kafka-broker/core"
import type { Principal, RequestObserver } from "@kafka-broker/core"
import { Compression } from "@kafka-broker/core/seams"
import { makeBrokerClient } from "@kafka-broker/core/tools"
import { NodeCompression } from "@kafka-broker/node-server"
import { Cause, Duration, Effect, Exit, Option, Scope } from "effect"
import { type NetworkFaults, noNetworkFaults } from "./SimFaults.ts"
import { noDiskFaults, type SimDiskFaults } from "./SimDiskFaults.ts"
import type { SimTrace } from "./SimTrace.ts"
import { BROKER_PORT, SimWorld } from "./SimWorld.ts"

/** Largest request the simulated broker reads, as Kafka's `socket.request.max.bytes`. */
const MAX_REQUEST_BYTES = 104_857_600
/** A crash comes before one of the next so many changes of the disk. */
const CHANGES_UNTIL_CRASH_MAX = 12
/** A broker that changes nothing is crashed after this simulated time; milliseconds. */
const CRASH_MS_MAX = 500

/** What goes wrong in a simulation, and how often; nothing of what is left out. */
export interface SimulationFaults {
  /** Latency, lost and half-open connections, cut chunks, peers that do not read. */
  readonly network?: Partial<NetworkFaults>
  /** Reads, writes and syncs that fail or take their time. */
  readonly disk?: Partial<SimDiskFaults>
  /** Crashes of the broker for each simulated minute, on average; it is started again by itself. */
  readonly crashesPerMinute?: number
  /** Of the crashes: power cuts, after which the disk has what was synced and a legal part of the rest; 0.5 when left out. */
  readonly powerCuts?: number
  /** Longest time until the broker is started again, in milliseconds; 1,000 when left out. */
  readonly downMsMax?: number
  /** Jumps of the wall clock for each simulated minute, on average. */
  readonly clockJumpsPerMinute?: number
  /** Largest jump either way, in milliseconds; an hour when left out. */
  readonly clockJumpMsMax?: number
  /** Faults end after this simulated time, so that a program that tries again comes to its end; a minute when left out. */
  readonly lasting?: Duration.Input
}

/** What is simulated. */
export interface SimulationOptions<A, E> {
  /** The same seed gives the same run, byte for byte. */
  readonly seed: number
  readonly faults?: SimulationFaults
  /** Broker settings by Kafka's names. */
  readonly properties?: Readonly<Record<string, string>>
  /**
   * The code under test: it reaches the broker through `KafkaBroker`, over the simulated network, and outlives its crashes.
   * Time, random numbers and the order of fibers are the simulation's; what waits for anything outside of it never goes on.
   */
  readonly program: Effect.Effect<A, E, KafkaBroker>
  /** Longest simulated time of the program; an hour when left out. */
  readonly timeLimit?: Duration.Input
}

/** A request that reached the broker. */
export interface SimulatedRequest extends Omit<Parameters<RequestObserver>[0], "body"> {
  /** Simulated time, in milliseconds. */
  readonly atMs: number
}

/** What came of a simulation. */
export interface SimulationResult<A, E> {
  /** How the program ended; undefined when it did not. */
  readonly exit: Exit.Exit<A, E> | undefined
  /** What the broker saw, in order. */
  readonly history: ReadonlyArray<SimulatedRequest>
  /** What is wrong whatever the program says: it did not end, or the broker died, did not start or did not stop. */
  readonly verdict: ReadonlyArray<string>
  /** All that happened, as numbers to compare and lines to read. */
  readonly trace: SimTrace
  /** In milliseconds. */
  readonly simulatedMs: number
}

/** What a world does to its broker until the faults are over. */
const inflict = Effect.fnUntraced(function*(world: SimWorld, faults: SimulationFaults): Effect.fn.Return<never> {
  const random = world.random("faults")
  const {
    clockJumpMsMax = 3_600_000,
    clockJumpsPerMinute = 0,
    crashesPerMinute = 0,
    downMsMax = 1_000,
    powerCuts = 0.5
  } = faults
  const perMinute = crashesPerMinute + clockJumpsPerMinute
  if (perMinute === 0) return yield* Effect.never
  while (true) {
    yield* Effect.sleep(-Math.log(1 - random.next()) * 60_000 / perMinute)
    if (random.next() * perMinute >= crashesPerMinute) {
      world.moveWallClock(random.between(-clockJumpMsMax, clockJumpMsMax))
      continue
    }
    const isPowerCut = random.chance(powerCuts)
    world.crashAtChange(random.between(1, CHANGES_UNTIL_CRASH_MAX), isPowerCut)
    yield* Effect.timeoutOption(world.awaitEnd, CRASH_MS_MAX)
    world.crashBroker(isPowerCut)
    yield* Effect.sleep(random.below(downMsMax + 1))
    world.startBroker()
    yield* world.awaitBroker
  }
})

/** The broker as a client far away sees it: every call goes through the simulated network, and everybody is anonymous. */
const makeRemoteBroker = Effect.fnUntraced(function*(
  world: SimWorld,
  broker: KafkaBroker["Service"]
): Effect.fn.Return<KafkaBroker["Service"], never, Scope.Scope | Compression> {
  const connect = () => world.network.connect(world.clients, BROKER_PORT, "program")
  const codecs = yield* Compression
  const makeClient = makeBrokerClient({ connect, maxRequestBytes: MAX_REQUEST_BYTES }, codecs)
  const { clusterId, host, listeners, nodeId, port } = broker
  return {
    client: yield* makeClient,
    clientAs: (_principal: Principal) => makeClient,
    clusterId,
    host,
    listeners,
    nodeId,
    port,
    connect,
    failed: Effect.never,
    connectionCount: () => world.current?.broker?.connectionCount() ?? 0
  }
})

const simulate = <A, E>(world: SimWorld, options: SimulationOptions<A, E>, complain: (what: string) => void) =>
  Effect.gen(function*() {
    const { faults = {}, program, timeLimit = "1 hour" } = options
    world.startBroker()
    const broker = (yield* world.awaitBroker)?.broker
    if (broker === undefined) return undefined
    world.network.faults = { ...noNetworkFaults, ...faults.network }
    Object.assign(world.disk.faults, faults.disk)
    const calm = Effect.gen(function*() {
      world.network.faults = noNetworkFaults
      Object.assign(world.disk.faults, noDiskFaults)
      world.crashAtChange(Infinity, false)
      if (world.current?.end !== undefined) world.startBroker()
      yield* world.awaitBroker
    })
    const trouble = inflict(world, faults).pipe(
      Effect.timeoutOption(faults.lasting ?? "1 minute"),
      Effect.andThen(calm)
    )
    const running = yield* Effect.forkChild(trouble)
    const ended = yield* makeRemoteBroker(world, broker).pipe(
      Effect.flatMap((remote) => Effect.exit(Effect.provideService(program, KafkaBroker, remote))),
      Effect.scoped,
      Effect.provide(NodeCompression.layer),
      Effect.timeoutOption(timeLimit)
    )
    if (Option.isNone(ended)) {
      complain(`the program did not end within ${Duration.format(Duration.fromInputUnsafe(timeLimit))}`)
    }
    running.interruptUnsafe()
    yield* calm
    world.stopBroker()
    const stopped = yield* Effect.timeoutOption(world.awaitEnd, "1 minute")
    if (Option.isNone(stopped)) complain("the broker did not stop")
    return Option.getOrUndefined(ended)
  })

const runSimulation = <A, E>(options: SimulationOptions<A, E>): SimulationResult<A, E> => {
  const verdict: Array<string> = []
  const history: Array<SimulatedRequest> = []
  const world = new SimWorld({
    seed: options.seed,
    ...(options.properties === undefined ? {} : { properties: options.properties }),
    onRequest: ({ api, apiVersion, clientId, correlationId }) => {
      history.push({ api, apiVersion, clientId, correlationId, atMs: world.loop.nowMicros / 1000 })
    }
  })
  const exit = world.run(simulate(world, options, (what) => verdict.push(what)))
  if (exit === "AtRest") verdict.push("the program waits, and nothing can happen any more")
  else if (exit === "Endless") verdict.push("the world turns for ever, and no time passes")
  else if (Exit.isFailure(exit)) verdict.push(`the simulation failed: ${Cause.pretty(exit.cause)}`)
  const end = world.current?.end
  if (end?._tag === "Failed") verdict.push(`the broker failed: ${Cause.pretty(end.cause)}`)
  verdict.push(...world.deaths, ...world.loop.defects.map(String))
  return {
    exit: typeof exit === "object" && Exit.isSuccess(exit) ? exit.value : undefined,
    history,
    verdict,
    trace: world.loop.trace,
    simulatedMs: world.loop.nowMicros / 1000
  }
}

/** A whole broker, its disk, its network and its clock in one thread, in which a host's own code can be run by seeds. */
export const Simulation = {
  /** Runs a program in a world of its own. Nothing of it takes time of the host but the work itself. */
  run: <A, E>(options: SimulationOptions<A, E>): Effect.Effect<SimulationResult<A, E>> =>
    Effect.sync(() => runSimulation(options))
}
