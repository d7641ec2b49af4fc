import { type ErrorMeasure, ErrorSums } from './error-sums.js'
import type { WeightError } from './weight-error.js'

/** Some tensors taken together. */
export interface WeightGroup extends ErrorMeasure {
  readonly name: string
  readonly tensors: number
  /** Their formats, each once, in the order of the first tensors. */
  readonly formats: readonly string[]
  /** Mean over all their numbers. */
  readonly bits: number
}

/**
 * Takes tensors together by a name; those without one are left out. A group's error is that of all its numbers as one vector, not the
 * mean of its tensors' errors.
 */
export function weightGroups(
  tensors: readonly WeightError[],
  nameOf: (key: string) => string | undefined,
): WeightGroup[] {
  const groups = new Map<string, WeightError[]>()
  for (const tensor of tensors) {
    const name = nameOf(tensor.key)
    if (name === undefined) continue
    const group = groups.get(name)
    if (group) group.push(tensor)
    else groups.set(name, [tensor])
  }
  return [...groups].map(([name, members]) => {
    const sums = members.reduce((all, { sums }) => all.merge(sums), new ErrorSums())
    const measure = sums.measure()
    const bits = members.reduce((all, member) => all + member.bits * member.sums.measure().elements, 0)
    return {
      name,
      tensors: members.length,
      formats: [...new Set(members.map(({ format }) => format))],
      bits: bits / Math.max(1, measure.elements),
      ...measure,
    }
  })
}
