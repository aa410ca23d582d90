/**
 * The processes between a terminal or a supervisor and this one that only launch it: npx, pnpm and their shells. They do
 * not all hand signals on, so this process looks whether they are still there.
 */
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"

interface Process {
  readonly pid: number
  readonly parent: number
  readonly args: string
  /** Tells it from a later process with the same number; empty where the system does not say. */
  readonly startedAt: string
}

/** Milliseconds between two looks. */
const lookEveryMs = 200

/** From `/proc`; undefined when there is no such process any more, a dead one that is not reaped included. */
const fromProc = (pid: number): Process | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    // The name in parentheses may hold anything; what follows it does not.
    const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    if (state === "Z" || state === "X") return undefined
    const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")
    return { pid, parent: Number(parent), args, startedAt: rest[17]! }
  } catch {
    return undefined
  }
}

const fromPs = (pid: number): Process | undefined => {
  try {
    const text = execFileSync("ps", ["-o", "ppid=,args=", "-p", String(pid)], { encoding: "utf8" }).trim()
    const [parent, ...args] = text.split(/\s+/)
    return { pid, parent: Number(parent), args: args.join(" "), startedAt: "" }
  } catch {
    return undefined
  }
}

const find = process.platform === "linux" ? fromProc : fromPs

const isPackageManager = ({ args }: Process): boolean =>
  args.split(" ", 2).some((word) => /(^|[/\\])(npm|npx|pnpm|yarn|corepack)([-.]\w+)*$/.test(word))

const isShell = ({ args }: Process): boolean => /^(\S*\/)?(sh|bash|dash|zsh) -\w*c /.test(args)

/** From the parent of this process up to the outermost package manager; empty when none launched it. */
export const launchers = (): ReadonlyArray<Process> => {
  const found: Array<Process> = []
  for (let one = find(process.ppid); one !== undefined && one.parent > 0; one = find(one.parent)) {
    if (!isPackageManager(one) && !isShell(one)) break
    found.push(one)
  }
  return found.slice(0, found.findLastIndex(isPackageManager) + 1)
}

const isAlive = ({ pid, startedAt }: Process): boolean => {
  if (process.platform === "linux") return fromProc(pid)?.startedAt === startedAt
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Calls `onGone` once, soon after the first launcher is gone; keeps no process alive. */
export const watchLaunchers = (onGone: () => void): void => {
  const watched = launchers()
  if (watched.length === 0) return
  const timer = setInterval(() => {
    if (watched.every(isAlive)) return
    clearInterval(timer)
    onGone()
  }, lookEveryMs)
  timer.unref()
}
