/** Rows in columns as wide as their widest cell, two spaces apart. */
export const table = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): ReadonlyArray<string> => {
  const all = [head, ...rows]
  const widths = head.map((_, column) => all.reduce((width, row) => Math.max(width, row[column]!.length), 0))
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd())
}
