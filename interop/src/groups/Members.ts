import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { jvmFlags, kafkaClasspath } from "../KafkaJars.ts"
import { paths } from "../Paths.ts"
import { type MemberEvent, nowMicros } from "./MemberEvent.ts"

/** One group's members, whichever client they use; `events` grows while they live. */
export interface Members {
  readonly name: string
  readonly events: Array<MemberEvent>
  readonly start: (member: string) => void
  /** Ends a member that says goodbye. */
  readonly leave: (member: string) => void
  /** Ends a member without a word to the group. */
  readonly kill: (member: string) => void
  /** Frees what is left when the test is over. */
  readonly dispose: () => void
}

export interface GroupOf {
  readonly bootstrap: string
  readonly group: string
  readonly topic: string
}

const readLines = (child: ChildProcess, take: (line: string) => void): void => {
  createInterface({ input: child.stdout! }).on("line", take)
}

/** Members that are processes: `command` starts one that writes `MemberEvent` lines and leaves on SIGTERM. */
const processes = (name: string, command: (member: string) => readonly [string, ReadonlyArray<string>]): Members => {
  const events: Array<MemberEvent> = []
  const children = new Map<string, ChildProcess>()
  return {
    name,
    events,
    start: (member) => {
      const [file, args] = command(member)
      const child = spawn(file, args, { stdio: ["ignore", "pipe", "ignore"] })
      readLines(child, (line) => line.startsWith("{") && events.push(JSON.parse(line)))
      children.set(member, child)
    },
    leave: (member) => void children.get(member)?.kill("SIGTERM"),
    kill: (member) => {
      events.push({ member, at: nowMicros(), event: "killed" })
      children.get(member)?.kill("SIGKILL")
    },
    dispose: () => {
      for (const child of children.values()) child.kill("SIGKILL")
    }
  }
}

export const npmMembers = (
  client: "kafkajs" | "platformatic-classic" | "platformatic-consumer",
  { bootstrap, group, topic }: GroupOf
): Members =>
  processes(
    client,
    (
      member
    ) => [process.execPath, [`${paths.interop}/src/groups/npmMember.ts`, client, bootstrap, member, group, topic]]
  )

export const franzMembers = (protocol: "classic" | "consumer", { bootstrap, group, topic }: GroupOf): Members =>
  processes(`franz-go ${protocol}`, (member) => [paths.goBinary, ["group", bootstrap, member, group, topic, protocol]])

/**
 * kcat tells of its partitions on standard error and of records on standard output; it commits every half second and
 * when it ends, without a word: what it read is taken as committed once it has left.
 */
export const kcatMembers = ({ bootstrap, group, topic }: GroupOf): Members => {
  const events: Array<MemberEvent> = []
  const children = new Map<string, ChildProcess>()
  const leaving = new Set<string>()
  const start = (member: string): void => {
    const settings = [
      "auto.offset.reset=earliest",
      "auto.commit.interval.ms=500",
      "session.timeout.ms=6000",
      "heartbeat.interval.ms=500",
      "topic.metadata.refresh.interval.ms=2000",
      "reconnect.backoff.max.ms=300"
    ]
    // -E: it would end when its only broker is away.
    const flags = ["-E", "-u", "-b", bootstrap, "-f", "%p %o %s\n", ...settings.flatMap((one) => ["-X", one])]
    const args = [...flags, "-G", group, topic]
    const child = spawn("kcat", args, { stdio: ["ignore", "pipe", "pipe"] })
    const next = new Map<number, number>()
    readLines(child, (line) => {
      const [partition, offset, value] = line.split(" ") as [string, string, string]
      next.set(Number(partition), Number(offset) + 1)
      events.push({
        member,
        at: nowMicros(),
        event: "records",
        partition: Number(partition),
        offsets: [Number(offset)],
        values: [value]
      })
    })
    createInterface({ input: child.stderr! }).on("line", (line) => {
      const [, what, list] = /rebalanced .*?: (assigned|revoked): (.*)$/.exec(line) ?? []
      const partitions = [...(list ?? "").matchAll(/\[(\d+)\]/g)].map(([, index]) => Number(index))
      if (what === "assigned" || what === "revoked") events.push({ member, at: nowMicros(), event: what, partitions })
    })
    child.on("close", (_, signal) => {
      if (signal === "SIGKILL") return
      if (leaving.has(member)) {
        events.push({ member, at: nowMicros(), event: "committed", offsets: Object.fromEntries(next) })
      }
      events.push({ member, at: nowMicros(), event: "left" })
    })
    children.set(member, child)
  }
  return {
    name: "kcat",
    events,
    start,
    leave: (member) => {
      leaving.add(member)
      children.get(member)?.kill("SIGTERM")
    },
    kill: (member) => {
      events.push({ member, at: nowMicros(), event: "killed" })
      children.get(member)?.kill("SIGKILL")
    },
    dispose: () => {
      for (const child of children.values()) child.kill("SIGKILL")
    }
  }
}

/** The one Java process of all Java members. */
export interface JavaProcess {
  readonly members: (
    name: string,
    group: GroupOf,
    settings: Readonly<Record<string, string>>,
    options?: { readonly pattern?: string; readonly instanceIds?: boolean }
  ) => Members
  readonly dispose: () => void
}

export const startJavaProcess = (): JavaProcess => {
  const child = spawn("java", [
    ...jvmFlags(256),
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
    "-cp",
    kafkaClasspath(),
    "KafkaGroupClient"
  ], {
    stdio: ["pipe", "pipe", "ignore"]
  })
  const listeners = new Map<string, Array<MemberEvent>>()
  readLines(child, (line) => {
    const event: MemberEvent = JSON.parse(line)
    listeners.get(event.member.split("/")[0]!)?.push(event)
  })
  const tell = (command: unknown): void => void child.stdin.write(`${JSON.stringify(command)}\n`)
  return {
    members: (name, { bootstrap, group, topic }, settings, options = {}) => {
      const events: Array<MemberEvent> = []
      listeners.set(name, events)
      const end = (what: string) => (member: string) => tell({ do: what, member: `${name}/${member}` })
      return {
        name,
        events,
        start: (member) =>
          tell({
            do: "start",
            member: `${name}/${member}`,
            ...(options.pattern === undefined ? { topic } : { pattern: options.pattern }),
            settings: {
              "bootstrap.servers": bootstrap,
              "group.id": group,
              ...(options.instanceIds === true ? { "group.instance.id": member } : {}),
              ...settings
            }
          }),
        leave: end("leave"),
        kill: end("abandon"),
        dispose: () => undefined
      }
    },
    dispose: () => void child.kill("SIGKILL")
  }
}
