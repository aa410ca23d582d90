import { allowedDifferences, type Difference } from "./rules.ts"

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null

/** The entries of a list of named things by name; undefined when it is none, or a name comes twice. */
const byName = (values: ReadonlyArray<unknown>): Record<string, unknown> | undefined => {
  const named: Record<string, unknown> = {}
  for (const value of values) {
    if (!isObject(value) || typeof value["name"] !== "string" || value["name"] in named) return undefined
    named[value["name"]] = value
  }
  return named
}

const walk = (kafka: unknown, ours: unknown, path: string, parent: unknown, found: Array<Difference>): void => {
  if (Object.is(kafka, ours)) return
  if (Array.isArray(kafka) && Array.isArray(ours)) {
    const [named, ownNamed] = [byName(kafka), byName(ours)]
    // One entry too many must not make all that follow it differ.
    if (named !== undefined && ownNamed !== undefined && kafka.length !== ours.length) {
      return walk(named, ownNamed, path, parent, found)
    }
    for (let index = 0; index < Math.max(kafka.length, ours.length); index++) {
      walk(kafka[index], ours[index], `${path}[${index}]`, kafka, found)
    }
    return
  }
  if (isObject(kafka) && isObject(ours) && !Array.isArray(kafka) && !Array.isArray(ours)) {
    for (const key of new Set([...Object.keys(kafka), ...Object.keys(ours)])) {
      walk(kafka[key], ours[key], `${path}.${key}`, kafka, found)
    }
    return
  }
  found.push({ path, label: "", kafka, ours, kafkaParent: parent })
}

/** The label of the step a path leads into. */
const labelAt = (answers: unknown, path: string): string => {
  const index = Number(/^\[(\d+)\]/.exec(path)?.[1] ?? -1)
  return (answers as ReadonlyArray<{ readonly label: string }>)[index]?.label ?? ""
}

/** Where the normalised answers differ, without the differences that are allowed. */
export const differences = (kafka: unknown, ours: unknown): ReadonlyArray<Difference> => {
  const found: Array<Difference> = []
  walk(kafka, ours, "", undefined, found)
  return found
    .map((difference) => ({ ...difference, label: labelAt(kafka, difference.path) }))
    .filter((difference) => !allowedDifferences.some((allowed) => allowed.matches(difference)))
}
