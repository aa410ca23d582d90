/** Reader of Java's `.properties` format, that of Kafka's `server.properties`. Source: java.util.Properties.load. */

const isBlank = (char: string): boolean => char === " " || char === "\t" || char === "\f"

/** Whether a line goes on in the next one: it ends in an odd number of backslashes. */
const isContinued = (line: string): boolean => {
  let backslashes = 0
  for (let i = line.length - 1; i >= 0 && line[i] === "\\"; i--) backslashes++
  return backslashes % 2 === 1
}

const withoutIndent = (line: string): string => line.replace(/^[ \t\f]+/, "")

/** Lines with continuations joined; blank lines and comments are left out. */
const logicalLines = function*(text: string): Generator<string> {
  let pending: string | undefined
  for (const natural of text.split(/\r\n|\r|\n/)) {
    const line = withoutIndent(natural)
    // A comment ends nothing: inside a continuation `#` is an ordinary character.
    if (pending === undefined && (line === "" || line.startsWith("#") || line.startsWith("!"))) continue
    const joined: string = (pending ?? "") + line
    if (isContinued(line)) {
      pending = joined.slice(0, -1)
      continue
    }
    pending = undefined
    yield joined
  }
  if (pending !== undefined && pending !== "") yield pending
}

const escapes: Record<string, string> = { t: "\t", n: "\n", r: "\r", f: "\f" }

/** Throws a `SyntaxError` for `\u` without four hexadecimal digits. */
const unescape = (text: string): string =>
  text.replace(/\\(u[0-9a-fA-F]{4}|u|.|$)/gs, (_, code: string) => {
    if (code === "u") throw new SyntaxError("Malformed \\uxxxx encoding.")
    return code.length === 5 ? String.fromCharCode(parseInt(code.slice(1), 16)) : escapes[code] ?? code
  })

/** Where the key ends: the first separator that no backslash precedes. */
const keyEnd = (line: string): number => {
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!
    if (char === "\\") i++
    else if (char === "=" || char === ":" || isBlank(char)) return i
  }
  return line.length
}

const split = (line: string): readonly [string, string] => {
  const end = keyEnd(line)
  const rest = withoutIndent(line.slice(end))
  const value = rest.startsWith("=") || rest.startsWith(":") ? withoutIndent(rest.slice(1)) : rest
  return [unescape(line.slice(0, end)), unescape(value)]
}

/**
 * The entries of a properties text; the last one of several with the same key counts. Throws a `SyntaxError` for a
 * malformed `\u` escape.
 */
export const parseServerProperties = (text: string): ReadonlyMap<string, string> => {
  const entries = new Map<string, string>()
  for (const line of logicalLines(text)) {
    const [key, value] = split(line)
    entries.set(key, value)
  }
  return entries
}
