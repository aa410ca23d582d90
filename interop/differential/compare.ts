import { allowedDifferences, type Difference } from "./rules.ts"

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null

const walk = (kafka: unknown, ours: unknown, path: string, parent: unknown, found: Array<Difference>): void => {
  if (Object.is(kafka, ours)) return
  if (Array.isArray(kafka) && Array.isArray(ours)) {
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
  found.push({ path, kafka, ours, kafkaParent: parent })
}

/** Where the normalised answers differ, without the differences that are allowed. */
export const differences = (kafka: unknown, ours: unknown): ReadonlyArray<Difference> => {
  const found: Array<Difference> = []
  walk(kafka, ours, "", undefined, found)
  return found.filter((difference) => !allowedDifferences.some((allowed) => allowed.matches(difference)))
}
