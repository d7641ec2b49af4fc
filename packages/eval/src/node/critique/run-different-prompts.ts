import { access, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BlockedError, type Image, isVisCPMError, type TaskOptions } from '@viscpm/core'
import { writeFailed, writeFileAtomic } from '@viscpm/core/node'
import type { CandidateRecord } from '../../critique/compare.js'
import { lineUps } from '../../critique/different-prompts.js'
import { openJsonLines } from '../json-lines.js'
import type { CritiqueParts } from './parts.js'
import { type CritiquePrompt, keyOf, parseRecord, pictureName } from './record.js'
import type { RunCritiqueOptions } from './run.js'
import { scoredBy } from './score.js'

/** What was scored for one prompt: its own picture among those of others. */
export interface DifferentPromptsRecord extends CandidateRecord, Pick<CritiquePrompt, 'id' | 'kind' | 'prompt'> {
  /** Ids of the prompts whose pictures stood side by side. */
  readonly of: readonly string[]
}

type Parts = Omit<CritiqueParts, 'judge'>

/**
 * Paints one picture for every prompt, and lets every chooser score it among those of other prompts; right is the prompt's own. What
 * the folder holds already is not done again. Progress: phases `paint` and `critique`, in prompts.
 * @param options `candidates` is how many pictures stand side by side; seeds are those of `runCritique`'s first candidates
 * @returns the records of `prompts`, in their order
 * @throws InvalidArgumentError when there are too few prompts of other things, before anything is done; and as `runCritique`
 */
export async function runDifferentPrompts(
  parts: Omit<CritiqueParts, 'judge'>,
  options: RunCritiqueOptions,
): Promise<DifferentPromptsRecord[]> {
  const { folder, prompts, candidates, seed, settings, signal, onProgress } = options
  const sets = lineUps(prompts, candidates)
  const choosers = Object.keys(parts.choosers)
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw writeFailed(folder, cause)
  })
  // Which pictures stand beside a prompt's own depends on which prompts there are.
  const among = { among: 'different-prompts', prompts: prompts.map(keyOf) }
  const file = join(folder, 'critique.jsonl')
  // Pictures beside no results are of who knows what.
  const resumed = await access(file).then(
    () => true,
    () => false,
  )
  const lines = await openJsonLines(file, { ...settings, candidates, seed, choosers, ...among }, json =>
    parseRecord<DifferentPromptsRecord>(json, candidates, choosers),
  )
  try {
    const found = new Map(lines.found.map(record => [keyOf(record), record]))
    const task = signal ? { signal } : {}
    const open = prompts.flatMap((prompt, at) => (found.has(keyOf(prompt)) ? [] : [{ prompt, set: sets[at]! }]))
    const needed = [...new Set(open.flatMap(({ set }) => set.of))]
    const images = new Map<number, Image>()
    for (const [done, at] of needed.entries()) {
      onProgress?.({ phase: 'paint', done, total: needed.length, unit: 'steps' })
      signal?.throwIfAborted()
      const seeds = [seed + prompts[at]!.scene * candidates]
      const picture = join(folder, pictureName(prompts[at]!, 0))
      const kept = resumed ? await keptPicture(parts.codec, picture) : undefined
      images.set(at, kept ?? (await newPicture(parts, prompts[at]!.prompt, seeds, picture, task)))
    }
    for (const [done, { prompt, set }] of open.entries()) {
      signal?.throwIfAborted()
      onProgress?.({ phase: 'critique', done, total: open.length, unit: 'steps' })
      const { id, kind, language, prompt: text } = prompt
      const scored = await scoredBy(
        parts.choosers,
        text,
        set.of.map(at => images.get(at)!),
        task,
      )
      const right = set.of.map((_, k) => k === set.right)
      const record = { id, kind, language, prompt: text, of: set.of.map(at => prompts[at]!.id), right, ...scored }
      await lines.append(record)
      found.set(keyOf(prompt), record)
    }
    onProgress?.({ phase: 'critique', done: open.length, total: open.length, unit: 'steps' })
    return prompts.map(prompt => found.get(keyOf(prompt))!)
  } finally {
    await lines.close()
  }
}

/** The picture that an earlier run left; undefined where there is none, or it is damaged. */
async function keptPicture(codec: Parts['codec'], file: string): Promise<Image | undefined> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return undefined
  })
  return (
    bytes &&
    codec.decode(bytes, {}).catch((error: unknown) => {
      if (!isVisCPMError(error)) throw error
      return undefined
    })
  )
}

async function newPicture(
  { paint, codec }: Parts,
  text: string,
  seeds: readonly number[],
  file: string,
  task: TaskOptions,
): Promise<Image> {
  const [image] = await paint(text, seeds, task)
  if (!image) throw new BlockedError({ message: `'${text}' was not painted`, verdicts: [] })
  await writeFileAtomic(file, await codec.encode(image, 'png'))
  return image
}
