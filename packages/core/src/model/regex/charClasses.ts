import { type CharRanges, failRegex, lastCodePoint } from "./RegexNode.ts"

const code = (text: string): number => text.charCodeAt(0)
const range = (from: string, to: string): readonly [number, number] => [code(from), code(to)]
const one = (text: string): readonly [number, number] => [code(text), code(text)]

const digit: CharRanges = [range("0", "9")]
const upper: CharRanges = [range("A", "Z")]
const lower: CharRanges = [range("a", "z")]
const alpha: CharRanges = [...upper, ...lower]
const word: CharRanges = [...digit, ...alpha, one("_")]
const space: CharRanges = [[9, 10], [12, 13], [32, 32]]
const punctuation: CharRanges = [[33, 47], [58, 64], [91, 96], [123, 126]]

/** Everything the ranges leave out. */
export const negate = (ranges: CharRanges): CharRanges => {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0])
  const result: Array<readonly [number, number]> = []
  let next = 0
  for (const [from, to] of sorted) {
    if (from > next) result.push([next, from - 1])
    next = Math.max(next, to + 1)
  }
  if (next <= lastCodePoint) result.push([next, lastCodePoint])
  return result
}

/** The ranges with both cases of the ASCII letters in them. */
export const foldCase = (ranges: CharRanges): CharRanges => {
  const result = [...ranges]
  for (const [from, to] of ranges) {
    for (const [[first, last], shift] of [[upper[0]!, 32], [lower[0]!, -32]] as const) {
      const low = Math.max(from, first)
      const high = Math.min(to, last)
      if (low <= high) result.push([low + shift, high + shift])
    }
  }
  return result
}

const perl: { readonly [letter: string]: CharRanges } = { d: digit, w: word, s: space }

/** `\d`, `\w`, `\s` and their opposites; undefined for another letter. */
export const perlClass = (letter: string): CharRanges | undefined => {
  const ranges = perl[letter.toLowerCase()]
  if (ranges === undefined) return undefined
  return letter === letter.toLowerCase() ? ranges : negate(ranges)
}

const posix: { readonly [name: string]: CharRanges } = {
  alnum: [...digit, ...alpha],
  alpha,
  ascii: [[0, 127]],
  blank: [[9, 9], [32, 32]],
  cntrl: [[0, 31], [127, 127]],
  digit,
  graph: [[33, 126]],
  lower,
  print: [[32, 126]],
  punct: punctuation,
  space: [[9, 13], [32, 32]],
  upper,
  word,
  xdigit: [...digit, range("A", "F"), range("a", "f")]
}

/** `[:name:]` or `[:^name:]` inside brackets. */
export const posixClass = (name: string): CharRanges => {
  const ranges = posix[name.startsWith("^") ? name.slice(1) : name]
  if (ranges === undefined) return failRegex(`invalid character class range: \`[:${name}:]\``)
  return name.startsWith("^") ? negate(ranges) : ranges
}

const aboveAscii: readonly [number, number] = [128, lastCodePoint]

/** Unicode classes by their ASCII members: topic names have no other characters. */
const unicode: { readonly [name: string]: CharRanges } = {
  Any: [[0, lastCodePoint]],
  L: alpha,
  Letter: alpha,
  Lu: upper,
  Ll: lower,
  Latin: alpha,
  N: digit,
  Nd: digit,
  P: punctuation.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i)
      .filter((point) => !"$+<=>^`|~".includes(String.fromCharCode(point)))
      .map((point) => [point, point] as const)
  ),
  Pd: [one("-")],
  Pc: [one("_")],
  S: Array.from("$+<=>^`|~", one),
  Z: [[32, 32]],
  Zs: [[32, 32]],
  C: [[0, 31], [127, 127]],
  Greek: [aboveAscii],
  Cyrillic: [aboveAscii],
  Han: [aboveAscii]
}

/** `\p{name}`, exact for ASCII only. */
export const unicodeClass = (name: string): CharRanges =>
  unicode[name] ?? failRegex(`invalid character class range: \`\\p{${name}}\``)
