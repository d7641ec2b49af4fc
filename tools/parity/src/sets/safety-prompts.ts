import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { int64, isVisCPMError, type Session } from '@viscpm/core'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { BertTokenizer, parseTokenizerConfig } from '@viscpm/core/transformers'
import {
  type BertClassifierConfig,
  type BertPromptChecker,
  buildBertClassifierGraph,
  type LabelScore,
  labelScores,
  parseBertClassifierConfig,
} from '@viscpm/safety'
import { loadBertPromptChecker } from '@viscpm/safety/node'
import type { SetResult } from '../result.js'
import { Tally } from '../tally.js'
import { maxDifference } from './tensors.js'

const logitTolerance = 1e-4
const scoreTolerance = 1e-5

interface PromptCase {
  readonly text: string | null
  readonly text_build?: readonly (readonly [text: string, times: number])[]
  readonly n_tokens: number
  readonly input_ids?: readonly number[]
  readonly logits?: readonly number[]
  readonly top_k_none?: readonly LabelScore[]
  readonly unsafe?: boolean
  readonly error?: string
  readonly with_truncation: readonly LabelScore[]
  readonly default_call: readonly LabelScore[]
}

const textOf = ({ text, text_build = [] }: PromptCase): string =>
  text ?? text_build.map(([part, times]) => part.repeat(times)).join('')

/** Largest difference of the scores; infinite when the labels come in another order. */
function scoreDifference(ours: readonly LabelScore[], theirs: readonly LabelScore[]): number {
  if (`${ours.map(x => x.label)}` !== `${theirs.map(x => x.label)}`) return Number.POSITIVE_INFINITY
  return maxDifference(
    ours.map(x => x.score),
    theirs.map(x => x.score),
  )
}

interface Loaded {
  readonly tokenizer: BertTokenizer
  readonly config: BertClassifierConfig
  readonly session: Session
  /** As the original: no windows. */
  readonly strict: BertPromptChecker
  readonly checker: BertPromptChecker
}

async function load(folder: string, weights: string): Promise<Loaded> {
  const json = async (file: string) => JSON.parse(await readFile(join(folder, file), 'utf8')) as unknown
  const config = parseBertClassifierConfig(await json('config.json'))
  const source = await openCheckpoint(join(folder, weights))
  const { classifier } = await buildBertClassifierGraph({ weights: source, config })
  const session = await onnxruntimeNode().createSession(classifier)
  await source.close()
  const vocabulary = await readFile(join(folder, 'vocab.txt'))
  return {
    tokenizer: BertTokenizer.fromVocabulary(vocabulary, parseTokenizerConfig(await json('tokenizer_config.json'))),
    config,
    session,
    strict: await loadBertPromptChecker(folder, { weights: join(folder, weights), windows: false }),
    checker: await loadBertPromptChecker(folder, { weights: join(folder, weights) }),
  }
}

/** Ids, logits, ordered scores, decision and the truncated call of a text that the original can read. */
async function compareText(tally: Tally, id: string, there: PromptCase, loaded: Loaded): Promise<void> {
  const { tokenizer, config, session, strict, checker } = loaded
  const text = textOf(there)
  const ids = tokenizer.encode(text)
  const { logits } = await session.run({ input_ids: int64(ids, [1, ids.length]) })
  const ours = logits!.data as Float32Array
  const verdict = await checker.check(text)
  tally.add(id, {
    n_tokens: [Math.abs(ids.length - there.n_tokens), 0],
    ...(there.input_ids && { ids: [maxDifference(ids, there.input_ids), 0] as const }),
    logits: [maxDifference(ours, there.logits ?? []), logitTolerance],
    scores: [scoreDifference(await strict.classify(text), there.top_k_none ?? []), scoreTolerance],
    with_windows: [scoreDifference(await checker.classify(text), there.top_k_none ?? []), scoreTolerance],
    with_truncation: [scoreDifference(labelScores(ours, config.labels), there.with_truncation), scoreTolerance],
    default_call: [scoreDifference((await strict.classify(text)).slice(0, 1), there.default_call), scoreTolerance],
    unsafe: [Math.abs(Number(verdict.decision === 'block') - Number(there.unsafe)), 0],
  })
}

/** A text at which the original fails: so do we without windows; cut off, it gives what the original gives then. */
async function compareTooLong(tally: Tally, id: string, there: PromptCase, loaded: Loaded): Promise<void> {
  const { tokenizer, config, session, strict, checker } = loaded
  const text = textOf(there)
  const error: unknown = await strict.check(text).catch(cause => cause)
  const asExpected = isVisCPMError(error, 'CONTEXT_TOO_LONG') && 'length' in error && error.length === there.n_tokens
  tally.check(
    `${id} fails`,
    asExpected ? undefined : `${String(error)} instead of an error about ${there.n_tokens} tokens`,
  )
  const ids = tokenizer.encode(text, { maxTokens: config.text.maxTokens, truncate: true })
  const { logits } = await session.run({ input_ids: int64(ids, [1, ids.length]) })
  const cut = labelScores(logits!.data as Float32Array, config.labels)
  const unsafeOf = (scores: readonly LabelScore[]) => scores.find(({ label }) => label === 'LABEL_1')!.score
  tally.add(id, {
    n_tokens: [Math.abs(tokenizer.encode(text).length - there.n_tokens), 0],
    with_truncation: [scoreDifference(cut, there.with_truncation), scoreTolerance],
    default_call: [scoreDifference(cut.slice(0, 1), there.default_call), scoreTolerance],
    // The first window is what truncation leaves; the worst one can only be worse.
    windows: [Math.max(0, unsafeOf(there.with_truncation) - unsafeOf(await checker.classify(text))), scoreTolerance],
  })
}

/** Everything about prompts under `safety/`, from every form of the checkpoint. */
export async function compareSafetyPrompts(folder: string): Promise<SetResult[]> {
  const lines = (await readFile(join(folder, 'prompts.jsonl'), 'utf8')).split('\n').filter(line => line !== '')
  const cases = lines.map(line => JSON.parse(line) as PromptCase)
  const results: SetResult[] = []
  const model = join(folder, 'text_checker')
  for (const weights of (await readdir(model)).filter(f => /\.(bin|safetensors)$/.test(f)).sort()) {
    const tally = new Tally(`safety/${weights} prompts`, scoreTolerance)
    const loaded = await load(model, weights)
    for (const there of cases) {
      const id = JSON.stringify(textOf(there)).slice(0, 40)
      await (there.error === undefined ? compareText : compareTooLong)(tally, id, there, loaded)
    }
    await Promise.all([loaded.session.dispose(), loaded.strict.dispose(), loaded.checker.dispose()])
    results.push(tally.result())
  }
  return results
}
