import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { BlockedError, type TaskOptions } from '@viscpm/core'
import { writeFailed, writeFileAtomic } from '@viscpm/core/node'
import { openJsonLines } from '../json-lines.js'
import type { CritiqueParts } from './parts.js'
import { type CritiquePrompt, type CritiqueRecord, keyOf, parseRecord, pictureName } from './record.js'
import { scoredBy, timed } from './score.js'

export interface RunCritiqueOptions extends TaskOptions {
  /** Holds `critique.jsonl` and the pictures; made where it is not there. */
  readonly folder: string
  readonly prompts: readonly CritiquePrompt[]
  readonly candidates: number
  /** Of the first scene's first picture; both languages of a scene are painted from the same. */
  readonly seed: number
  /** What else makes results comparable: models, steps. Plain JSON. */
  readonly settings: Readonly<Record<string, unknown>>
}

/**
 * Paints the candidates of every prompt, lets every chooser score them and the judge look at them. What the folder holds already
 * is not done again. Progress: phase `critique`, in prompts.
 * @returns the records of `prompts`, in their order
 * @throws InvalidArgumentError when the folder holds results of other settings
 * @throws FileFormatError naming a line of `critique.jsonl` that is not whole
 * @throws BlockedError when a prompt was not painted; NonFiniteError when a chooser gives no number for each picture
 * @throws WriteFailedError; what the parts throw; the signal's reason
 */
export async function runCritique(parts: CritiqueParts, options: RunCritiqueOptions): Promise<CritiqueRecord[]> {
  const { folder, prompts, candidates, seed, settings, signal, onProgress } = options
  const file = join(folder, 'critique.jsonl')
  const choosers = Object.keys(parts.choosers)
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw writeFailed(folder, cause)
  })
  const lines = await openJsonLines(file, { ...settings, candidates, seed, choosers }, json =>
    parseRecord(json, candidates, choosers),
  )
  try {
    const found = new Map(lines.found.map(record => [keyOf(record), record]))
    const task = signal ? { signal } : {}
    for (const [done, prompt] of prompts.entries()) {
      signal?.throwIfAborted()
      onProgress?.({ phase: 'critique', done, total: prompts.length, unit: 'steps' })
      if (found.has(keyOf(prompt))) continue
      const first = seed + prompt.scene * candidates
      const seeds = Array.from({ length: candidates }, (_, k) => first + k)
      const record = await critiqueOne(parts, prompt, seeds, folder, task)
      await lines.append(record)
      found.set(keyOf(prompt), record)
    }
    onProgress?.({ phase: 'critique', done: prompts.length, total: prompts.length, unit: 'steps' })
    return prompts.map(prompt => found.get(keyOf(prompt))!)
  } finally {
    await lines.close()
  }
}

async function critiqueOne(
  { paint, choosers, judge, codec }: CritiqueParts,
  prompt: CritiquePrompt,
  seeds: readonly number[],
  folder: string,
  task: TaskOptions,
): Promise<CritiqueRecord> {
  const { id, kind, language, prompt: text } = prompt
  const { value: images, ms: paintMs } = await timed(() => paint(text, seeds, task))
  if (images.length !== seeds.length) throw new BlockedError({ message: `'${text}' was not painted`, verdicts: [] })
  for (const [k, image] of images.entries())
    await writeFileAtomic(join(folder, pictureName(prompt, k)), await codec.encode(image, 'png'))
  const found = await scoredBy(choosers, text, images, task)
  const judged = images.map(image => judge.judge(image, prompt))
  return {
    id,
    kind,
    language,
    prompt: text,
    seeds,
    right: judged.map(({ right }) => right),
    scores: found.scores,
    ms: { paint: paintMs, ...found.ms },
    judged,
  }
}
