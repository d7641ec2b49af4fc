import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { BlockedError, ConfigError, type Image, type ImageCodec, NonFiniteError, type TaskOptions } from '@viscpm/core'
import { writeFailed, writeFileAtomic } from '@viscpm/core/node'
import type { Reranker } from '@viscpm/reranker'
import type { CandidateRecord } from '../../critique/compare.js'
import type { DrawingJudge, Judgement, WantedScene } from '../../critique/judge/judge.js'
import { openJsonLines } from '../json-lines.js'

/** A prompt whose pictures can be judged. */
export interface CritiquePrompt extends WantedScene {
  /** The same in both languages of one scene. */
  readonly id: string
  /** Number of the scene among all: its seeds do not depend on which are painted. */
  readonly scene: number
  readonly kind: string
  readonly language: 'en' | 'zh'
  readonly prompt: string
}

/** One prompt's candidates as they are kept, one JSON line each. */
export interface CritiqueRecord extends CandidateRecord, Pick<CritiquePrompt, 'id' | 'kind' | 'prompt'> {
  readonly seeds: readonly number[]
  readonly judged: readonly Judgement[]
}

/** What a comparison is made with. */
export interface CritiqueParts {
  /** Paints one picture for each seed. */
  readonly paint: (prompt: string, seeds: readonly number[], task: TaskOptions) => Promise<readonly Image[]>
  /** By the name that they have in the table. */
  readonly choosers: Readonly<Record<string, Pick<Reranker, 'score'>>>
  readonly judge: DrawingJudge
  readonly codec: ImageCodec
}

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

const keyOf = ({ id, language }: Pick<CritiquePrompt, 'id' | 'language'>): string => `${id} ${language}`

async function critiqueOne(
  { paint, choosers, judge, codec }: CritiqueParts,
  prompt: CritiquePrompt,
  seeds: readonly number[],
  folder: string,
  task: TaskOptions,
): Promise<CritiqueRecord> {
  const { id, kind, language, prompt: text } = prompt
  const ms: Record<string, number> = {}
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now()
    const value = await work()
    ms[name] = Math.round(performance.now() - start)
    return value
  }
  const images = await timed('paint', () => paint(text, seeds, task))
  if (images.length !== seeds.length) throw new BlockedError({ message: `'${text}' was not painted`, verdicts: [] })
  for (const [k, image] of images.entries())
    await writeFileAtomic(join(folder, `${id}-${language}-${k}.png`), await codec.encode(image, 'png'))
  const scores: Record<string, readonly number[]> = {}
  for (const [name, chooser] of Object.entries(choosers)) {
    const found = await timed(name, () => chooser.score(text, images, { ...task, truncate: true }))
    // JSON has no NaN: such a line could not be read again.
    if (!areNumbers(found, images.length))
      throw new NonFiniteError({ message: `${name} scored the pictures of '${text}' [${found.join(', ')}]` })
    scores[name] = found
  }
  const judged = images.map(image => judge.judge(image, prompt))
  return { id, kind, language, prompt: text, seeds, right: judged.map(({ right }) => right), scores, ms, judged }
}

const areNumbers = (value: unknown, count: number): boolean =>
  Array.isArray(value) && value.length === count && value.every(Number.isFinite)

/** @throws Error saying what is wrong with a line */
function parseRecord(json: unknown, candidates: number, choosers: readonly string[]): CritiqueRecord {
  const record = json as Partial<CritiqueRecord> | null
  if (typeof record?.id !== 'string' || (record.language !== 'en' && record.language !== 'zh'))
    throw new Error('has no id or language')
  const { right, scores, ms } = record
  if (!Array.isArray(right) || right.length !== candidates || !right.every(one => typeof one === 'boolean'))
    throw new Error(`'right' is no list of true and false for ${candidates} pictures`)
  for (const name of choosers) {
    if (!areNumbers(scores?.[name], candidates))
      throw new Error(`'scores' has no list of ${candidates} numbers of '${name}'`)
    if (!Number.isFinite(ms?.[name])) throw new Error(`'ms' has no number of '${name}'`)
  }
  return record as CritiqueRecord
}

/** What the prompts' file of the embedded world says. @throws ConfigError naming the file */
export function parseCritiqueWorld(
  json: unknown,
  file: string,
): { prompts: CritiquePrompt[]; cell: number; columns: number; drawings: string[] } {
  const { prompts, cell, columns, drawings } = (json ?? {}) as Record<string, unknown>
  const whole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0
  if (!Array.isArray(prompts) || !Array.isArray(drawings) || !whole(cell) || !whole(columns))
    throw new ConfigError({ field: file, message: "needs 'prompts', 'drawings', 'cell' and 'columns'" })
  const told = prompts as Omit<CritiquePrompt, 'scene'>[]
  const ids = [...new Set(told.map(({ id }) => id))]
  return {
    prompts: told.map(one => ({ ...one, scene: ids.indexOf(one.id) })),
    ...{ cell, columns, drawings: drawings as string[] },
  }
}
