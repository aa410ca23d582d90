/** The first release with all that the broker uses: zstd in `node:zlib`, `node:sqlite` without a flag. */
const required = [22, 15] as const

/** One line for the user of a Node.js that is too old; undefined when it will do. */
export const refusedNodeVersion = (version: string): string | undefined => {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number)
  const [requiredMajor, requiredMinor] = required
  if (major > requiredMajor || (major === requiredMajor && minor >= requiredMinor)) return undefined
  return `kafka-broker: this is Node.js ${version}; it needs ${required.join(".")} or newer (see https://nodejs.org)`
}
