import { ConfigError } from '@viscpm/core'
import type { CandidateRecord } from '../../critique/compare.js'
import type { Judgement, WantedScene } from '../../critique/judge/judge.js'
import { areNumbers } from './score.js'

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

export const keyOf = ({ id, language }: Pick<CritiquePrompt, 'id' | 'language'>): string => `${id} ${language}`

/** File of a prompt's picture. */
export const pictureName = ({ id, language }: Pick<CritiquePrompt, 'id' | 'language'>, candidate: number): string =>
  `${id}-${language}-${candidate}.png`

/** @throws Error saying what is wrong with a line */
export function parseRecord<T extends CandidateRecord = CritiqueRecord>(
  json: unknown,
  candidates: number,
  choosers: readonly string[],
): T {
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
  return record as unknown as T
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
