import { type Image, NonFiniteError, type TaskOptions } from '@viscpm/core'
import type { CritiqueParts } from './parts.js'

/** What all choosers say of the pictures of a prompt, and their milliseconds. @throws NonFiniteError where one gives no number for each */
export async function scoredBy(
  choosers: CritiqueParts['choosers'],
  text: string,
  images: readonly Image[],
  task: TaskOptions,
): Promise<{ scores: Record<string, readonly number[]>; ms: Record<string, number> }> {
  const scores: Record<string, readonly number[]> = {}
  const ms: Record<string, number> = {}
  for (const [name, chooser] of Object.entries(choosers)) {
    const found = await timed(() => chooser.score(text, images, { ...task, truncate: true }))
    // JSON has no NaN: such a line could not be read again.
    if (!areNumbers(found.value, images.length))
      throw new NonFiniteError({ message: `${name} scored the pictures of '${text}' [${found.value.join(', ')}]` })
    scores[name] = found.value
    ms[name] = found.ms
  }
  return { scores, ms }
}

export async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const start = performance.now()
  const value = await work()
  return { value, ms: Math.round(performance.now() - start) }
}

export const areNumbers = (value: unknown, count: number): boolean =>
  Array.isArray(value) && value.length === count && value.every(Number.isFinite)
