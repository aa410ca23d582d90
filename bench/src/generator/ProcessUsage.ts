import { readFileSync } from "node:fs"

/** Clock ticks per second of `/proc/PID/stat`, the same on every Linux that Node runs on. */
const ticksPerSecond = 100

/** User and system CPU time of a process since its start, all threads, in seconds. */
export const cpuSecondsOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
  // The command name may hold spaces; fields are counted after its closing parenthesis.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

const memory = (pid: number, key: "VmRSS" | "VmHWM"): number => {
  const match = new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))
  return match === null ? 0 : Number(match[1]) * 1024
}

/** Resident memory of a process, in bytes. */
export const rssBytesOf = (pid: number): number => memory(pid, "VmRSS")

/** The most resident memory a process ever had, in bytes. */
export const peakRssBytesOf = (pid: number): number => memory(pid, "VmHWM")
