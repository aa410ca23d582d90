import { inject } from "vitest"

const separator = inject("bootstrap").lastIndexOf(":")

/** The broker the suites talk to. */
export const target = {
  bootstrap: inject("bootstrap"),
  host: inject("bootstrap").slice(0, separator),
  port: Number(inject("bootstrap").slice(separator + 1)),
  dataDir: inject("dataDir")
}

let made = 0

/** A topic name that no other test and no earlier run has used. */
export const uniqueName = (prefix: string): string => `${prefix}-${Date.now().toString(36)}-${process.pid}-${made++}`
