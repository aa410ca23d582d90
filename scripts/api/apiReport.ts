/** What an entry of a package exports, as text: every exported name and every type of the package that its types name. */
import { readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { parseAst } from "rolldown/parseAst"

interface Declaration {
  readonly name: string
  readonly text: string
}

interface ExportedName {
  readonly name: string
  readonly local: string
  /** The module it comes from; undefined for one declared in the same file. */
  readonly from: string | undefined
}

/** A declaration file, taken apart. */
interface DeclarationFile {
  readonly declarations: ReadonlyMap<string, ReadonlyArray<Declaration>>
  readonly imports: ReadonlyMap<string, { readonly name: string; readonly from: string }>
  readonly exports: ReadonlyArray<ExportedName>
}

/** Comments say what is already in the sources; private members are nobody's to use. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*\*[\s\S]*?\*\//g, "").replace(/^\s*(private |#)[^\n]*\n/gm, "").replace(/^[ \t]*\n/gm, "")

const files = new Map<string, DeclarationFile>()

// oxlint-disable-next-line typescript/no-explicit-any
type Node = any

const namesOf = (node: Node): ReadonlyArray<string> =>
  node.type === "VariableDeclaration"
    ? node.declarations.map((one: Node): string => one.id.name)
    : node.id === undefined || node.id === null
    ? []
    : [node.id.name]

const readDeclarationFile = (path: string): DeclarationFile => {
  const known = files.get(path)
  if (known !== undefined) return known
  const source = readFileSync(path, "utf8")
  const declarations = new Map<string, Array<Declaration>>()
  const imports = new Map<string, { name: string; from: string }>()
  const exports: Array<ExportedName> = []
  const declare = (node: Node, of: Node): ReadonlyArray<string> => {
    const names = namesOf(node)
    const text = withoutComments(source.slice(of.start, of.end)).replace(/^export (default )?/, "").trim()
    for (const name of names) declarations.set(name, [...(declarations.get(name) ?? []), { name, text }])
    return names
  }
  for (const node of parseAst(source, { lang: "dts" }, path).body as ReadonlyArray<Node>) {
    const from: string | undefined = node.source?.value
    if (node.type === "ImportDeclaration") {
      for (const one of node.specifiers) {
        const name = one.type === "ImportSpecifier" ? one.imported.name : "*"
        imports.set(one.local.name, { name, from: from! })
      }
    } else if (node.type === "ExportAllDeclaration") {
      const name = node.exported?.name ?? "*"
      exports.push({ name, local: "*", from })
    } else if (node.type === "ExportNamedDeclaration") {
      if (node.declaration) {
        for (const name of declare(node.declaration, node)) exports.push({ name, local: name, from: undefined })
      }
      for (const one of node.specifiers) exports.push({ name: one.exported.name, local: one.local.name, from })
    } else declare(node, node)
  }
  const file = { declarations, imports, exports }
  files.set(path, file)
  return file
}

const target = (path: string, from: string): string | undefined =>
  from.startsWith(".") ? resolve(dirname(path), from.replace(/\.ts$/, ".d.ts")) : undefined

/** The messages of the protocol are many; docs/COMPATIBILITY.md names them with their versions. */
const isMessage = (path: string): boolean => /[/\\]protocol[/\\](apis|state-records)[/\\]/.test(path)
/** Has a report of its own. */
const isProtocol = (path: string): boolean => /[/\\]protocol([/\\]|\.d\.ts$)/.test(path)

/** Collects declarations by file and name, each once, in the order in which they are met. */
class Report {
  readonly found = new Map<string, Declaration>()
  private readonly isListedElsewhere: (path: string) => boolean

  constructor(entry: string) {
    this.isListedElsewhere = isProtocol(entry) ? isMessage : isProtocol
  }

  add(path: string, name: string): void {
    const key = `${path} ${name}`
    if (this.found.has(key) || this.isListedElsewhere(path)) return
    const file = readDeclarationFile(path)
    const declared = file.declarations.get(name)
    if (declared === undefined) return this.follow(path, file, name)
    const text = [...new Set(declared.map((one) => one.text))].join("\n")
    this.found.set(key, { name, text })
    for (const word of new Set(text.match(/[A-Za-z_$][\w$]*/g))) {
      if (file.declarations.has(word)) this.add(path, word)
      else this.follow(path, file, word)
    }
  }

  /** A name that another file declares: imported there, or exported from there. */
  private follow(path: string, file: DeclarationFile, name: string): void {
    const imported = file.imports.get(name)
    if (imported !== undefined) {
      const to = target(path, imported.from)
      if (to !== undefined && imported.name !== "*") this.add(to, imported.name)
      return
    }
    const exported = file.exports.find((one) => one.name === name && one.from !== undefined)
    const to = exported === undefined ? undefined : target(path, exported.from!)
    if (to !== undefined) this.add(to, exported!.local)
  }

  addExport(path: string, { from, local }: ExportedName): void {
    const to = from === undefined ? path : target(path, from)
    if (to === undefined) return
    if (local !== "*") return this.add(to, local)
    for (const one of readDeclarationFile(to).exports) this.addExport(to, one)
  }
}

/** The report of one entry, from its declaration file. */
export const apiReport = (title: string, entry: string): string => {
  const path = resolve(entry)
  const { exports } = readDeclarationFile(path)
  const report = new Report(path)
  for (const one of exports) report.addExport(path, one)
  const names = exports.map(({ name }) => name).sort()
  const texts = Array.from(report.found.values(), ({ text }) => text).sort()
  return [
    `# ${title}`,
    "",
    "Generated by `npx -y pnpm@12 pages`; a change of it is a change that users see.",
    "",
    `Exported: ${names.map((name) => `\`${name}\``).join(", ")}.`,
    "",
    "```ts",
    texts.join("\n\n"),
    "```",
    ""
  ].join("\n")
}

const root = join(import.meta.dirname, "..", "..")

/** Package, entry file without its ending, and the name of its report. */
const entries = [
  ["core", "index", "core"],
  ["core", "seams", "core-seams"],
  ["core", "protocol", "core-protocol"],
  ["core", "tools", "core-tools"],
  ["node-server", "index", "node-server"],
  ["testkit", "index", "testkit"]
] as const

/** Every report by the path of its page; the declaration files must be up to date. */
export const apiReports = (): ReadonlyMap<string, string> =>
  new Map(entries.map(([name, entry, page]) => [
    join(root, "docs", "api", `${page}.md`),
    apiReport(
      `@kafka-broker/${name}${entry === "index" ? "" : `/${entry}`}`,
      join(root, "packages", name, "dist", `${entry}.d.ts`)
    )
  ]))

/** The projects whose declaration files the reports are made from. */
export const declarationProjects: ReadonlyArray<string> = ["core", "node-server", "testkit"]
  .map((name) => join(root, "packages", name, "tsconfig.src.json"))

export { root as repositoryRoot }
