/** Splits names into those that occur once and those that occur more often, each in order of first occurrence. */
export const repeatedNames = (
  names: Iterable<string>
): { readonly single: ReadonlySet<string>; readonly repeated: ReadonlySet<string> } => {
  const single = new Set<string>()
  const repeated = new Set<string>()
  for (const name of names) {
    if (repeated.has(name)) continue
    if (single.delete(name)) repeated.add(name)
    else single.add(name)
  }
  return { single, repeated }
}
