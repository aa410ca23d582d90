/** Edits between two words: letters added, removed, replaced, or swapped with their neighbour. */
const distance = (left: string, right: string): number => {
  let beforeLast: Array<number> = []
  let last = Array.from({ length: right.length + 1 }, (_, i) => i)
  for (let i = 1; i <= left.length; i++) {
    const row = [i]
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1]
      let edits = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1))
      const isSwapped = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]
      if (isSwapped) edits = Math.min(edits, beforeLast[j - 2]! + 1)
      row.push(edits)
    }
    beforeLast = last
    last = row
  }
  return last[right.length]!
}

/** The one of `names` that a misspelt word most likely means; undefined when none is near. */
export const closestName = (word: string, names: Iterable<string>): string | undefined => {
  let closest: string | undefined
  let least = Math.max(1, Math.min(3, Math.floor(word.length / 4))) + 1
  for (const name of names) {
    if (Math.abs(name.length - word.length) >= least) continue
    const edits = distance(word, name)
    if (edits < least) {
      least = edits
      closest = name
    }
  }
  return closest
}
