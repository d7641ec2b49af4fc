import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { InvalidArgumentError, type OnProgress, sha256 } from '@viscpm/core'
import { writeFailed, writeFileAtomic } from '@viscpm/core/node'
import type { EvalPrompt, PromptLanguage } from '../../paint/prompts/parse-prompts.js'
import { openJsonLines, readJsonLines } from '../json-lines.js'

/** What became of a prompt. */
export type PaintedOne =
  | { readonly status: 'painted'; readonly png: Uint8Array }
  /** The picture, or already the prompt, was not allowed by a safety checker: it takes no part. */
  | { readonly status: 'withheld' | 'blocked'; readonly reason?: string }

/** One line of the records. */
export interface PaintedRecord {
  readonly index: number
  readonly language: PromptLanguage
  readonly prompt: string
  /** Decimal. */
  readonly seed: string
  readonly status: PaintedOne['status']
  /** In the folder; only of what was painted. */
  readonly file?: string
  readonly sha256?: string
  readonly reason?: string
}

/** Every `of`-th prompt, from the `part`-th, counted from 1. */
export interface Shard {
  readonly part: number
  readonly of: number
}

export interface PaintSetOptions {
  /** Made if it is not there: PNG files, and `pictures.jsonl` or a file of the shard's own. */
  readonly folder: string
  readonly prompts: readonly EvalPrompt[]
  /** Of the prompt with index 0. */
  readonly seed: bigint
  /** All that changes pictures: plain JSON. Pictures painted with other settings are refused. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly shard?: Shard
  /** Prompts in work at once. Default 1. */
  readonly concurrency?: number
  readonly paint: (prompt: EvalPrompt, seed: bigint, signal: AbortSignal) => Promise<PaintedOne>
  readonly signal?: AbortSignal
  /** Phase `paintings`. */
  readonly onProgress?: OnProgress
}

export interface PaintedSet {
  /** In the order of the prompts. */
  readonly records: readonly PaintedRecord[]
  /** Prompts of other shards that nobody has painted yet. */
  readonly missing: number
  /** Found from an earlier run, and painted in this one. */
  readonly found: number
  readonly painted: number
  /** Pictures that were there and not whole: painted again. */
  readonly damaged: number
}

const recordsName = /^pictures(-\d+of\d+)?\.jsonl$/

/**
 * Paints prompts into a folder and goes on where an earlier run ended, whatever ended it: a picture counts when its record is
 * there and its file is whole. Several shards may write to one folder at once; a run without a shard takes what they did.
 * @throws InvalidArgumentError for a folder of other settings or a shard out of range, WriteFailedError, FileFormatError; what
 * `paint` throws; the signal's reason
 */
export async function paintSet(options: PaintSetOptions): Promise<PaintedSet> {
  const { folder, prompts, seed, shard, concurrency = 1, paint, onProgress } = options
  checkShard(shard)
  const settings = { ...options.settings, seed: String(seed) }
  await mkdir(folder, { recursive: true }).catch(cause => {
    throw writeFailed(folder, cause)
  })
  const own = shard ? `pictures-${shard.part}of${shard.of}.jsonl` : 'pictures.jsonl'
  const known = new Map<string, PaintedRecord>()
  for (const record of await others(folder, own, settings)) known.set(keyOf(record), record)
  const lines = await openJsonLines(join(folder, own), settings, parseRecord)
  const stop = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
  try {
    for (const record of lines.found) known.set(keyOf(record), record)
    let [found, damaged] = [0, 0]
    const mine: EvalPrompt[] = []
    for (const [i, prompt] of prompts.entries()) {
      const record = known.get(keyOf(prompt))
      const same = record?.prompt === prompt.text
      if (record && same && (await isWhole(folder, record))) {
        found++
        continue
      }
      if (same) damaged++
      known.delete(keyOf(prompt))
      if (!shard || i % shard.of === shard.part - 1) mine.push(prompt)
    }
    let done = 0
    const report = (): void => onProgress?.({ phase: 'paintings', done, total: mine.length, unit: 'steps' })
    report()
    const queue = mine.values()
    const worker = async (): Promise<void> => {
      for (const prompt of queue) {
        signal.throwIfAborted()
        const own = seed + BigInt(prompt.index)
        const record = await write(folder, prompt, own, await paint(prompt, own, signal))
        await lines.append(record)
        known.set(keyOf(prompt), record)
        done++
        report()
      }
    }
    const first = await firstFailure(Array.from({ length: Math.min(concurrency, mine.length) }, worker), stop)
    if (first) throw first.reason
    const records = prompts.flatMap(prompt => known.get(keyOf(prompt)) ?? [])
    return { records, missing: prompts.length - records.length, found, painted: done, damaged }
  } finally {
    await lines.close()
  }
}

const keyOf = ({ index, language }: { readonly index: number; readonly language: string }): string =>
  `${index} ${language}`

/** Waits for all; the first that fails stops the others. */
async function firstFailure(
  workers: readonly Promise<void>[],
  stop: AbortController,
): Promise<{ readonly reason: unknown } | undefined> {
  let first: { readonly reason: unknown } | undefined
  await Promise.all(
    workers.map(one =>
      one.catch((reason: unknown) => {
        first ??= { reason }
        stop.abort(reason)
      }),
    ),
  )
  return first
}

function checkShard(shard: Shard | undefined): void {
  if (!shard) return
  const { part, of } = shard
  if (Number.isSafeInteger(of) && Number.isSafeInteger(part) && part >= 1 && part <= of) return
  throw new InvalidArgumentError({
    argument: 'shard',
    message: `${part} of ${of} is no part`,
    hint: 'Parts are counted from 1: 1/4, 2/4, 3/4, 4/4.',
  })
}

/** Records of other shards, or of a run without any. */
async function others(folder: string, own: string, settings: object): Promise<PaintedRecord[]> {
  const names = (await readdir(folder)).filter(name => recordsName.test(name) && name !== own).sort()
  const all: PaintedRecord[] = []
  for (const name of names) {
    // Another shard is just beginning it.
    if (!(await readFile(join(folder, name), 'utf8')).includes('\n')) continue
    const { settings: theirs, records } = await readJsonLines(join(folder, name), parseRecord)
    if (!isDeepStrictEqual(theirs, JSON.parse(JSON.stringify(settings))))
      throw new InvalidArgumentError({
        argument: join(folder, name),
        message: 'holds pictures of other settings',
        hint: 'Name another folder, or give the same settings again.',
      })
    all.push(...records)
  }
  return all
}

async function write(folder: string, prompt: EvalPrompt, seed: bigint, one: PaintedOne): Promise<PaintedRecord> {
  const { index, language, text } = prompt
  const record = { index, language, prompt: text, seed: String(seed), status: one.status }
  if (one.status !== 'painted') return { ...record, ...(one.reason !== undefined && { reason: one.reason }) }
  const file = `${String(index).padStart(5, '0')}-${language}.png`
  await writeFileAtomic(join(folder, file), one.png)
  return { ...record, file, sha256: await sha256(one.png) }
}

async function isWhole(folder: string, { status, file, sha256: known }: PaintedRecord): Promise<boolean> {
  if (status !== 'painted') return true
  const bytes = await readFile(join(folder, file!)).catch(() => undefined)
  return bytes !== undefined && (await sha256(bytes)) === known
}

function parseRecord(json: unknown): PaintedRecord {
  const record = Object(json) as Partial<PaintedRecord>
  const { index, language, prompt, seed, status, file, sha256 } = record
  if (!Number.isSafeInteger(index)) throw new Error('index is no whole number')
  if (language !== 'en' && language !== 'zh') throw new Error('language is neither en nor zh')
  if (typeof prompt !== 'string' || typeof seed !== 'string') throw new Error('prompt or seed is missing')
  if (status !== 'painted' && status !== 'withheld' && status !== 'blocked') throw new Error('status is not known')
  if (status === 'painted' && !(typeof file === 'string' && /^[\w.-]+$/.test(file) && typeof sha256 === 'string'))
    throw new Error('file or sha256 is missing')
  return record as PaintedRecord
}
