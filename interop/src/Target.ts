import { inject } from "vitest"
import type { Client } from "./Prerequisites.ts"

const separator = inject("bootstrap").lastIndexOf(":")

/** The broker the suites talk to. */
export const target = {
  bootstrap: inject("bootstrap"),
  host: inject("bootstrap").slice(0, separator),
  port: Number(inject("bootstrap").slice(separator + 1)),
  dataDir: inject("dataDir")
}

/** Whether the suites of a client have to be skipped on this machine. */
export const isMissing = (client: Client): boolean => inject("missingClients").includes(client)

let made = 0

/** A topic name that no other test and no earlier run has used. */
export const uniqueName = (prefix: string): string => `${prefix}-${Date.now().toString(36)}-${process.pid}-${made++}`
