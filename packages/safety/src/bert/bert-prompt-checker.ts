import {
  type Backend,
  ContextTooLongError,
  InvalidArgumentError,
  int64,
  type PromptChecker,
  type Session,
  type SessionOptions,
  type Verdict,
} from '@viscpm/core'
import type { BertTokenizer } from '@viscpm/core/transformers'
import { hashOf, type ModelHash } from '../model-hash.js'
import type { BertClassifierConfig } from './config.js'
import { type BuildBertClassifierOptions, buildBertClassifierGraph } from './graph.js'
import { type LabelScore, labelScores } from './labels.js'
import { windows } from './windows.js'

/** What is unsafe, and how long texts are read. */
export interface BertPromptRule {
  /** The class that blocks. Default 'LABEL_1'. */
  readonly unsafeLabel?: string
  /** It blocks when it comes first, with a score above this. Default 0.75. */
  readonly threshold?: number
  /**
   * Read a text that is longer than the model's position table (512 tokens) in overlapping windows, of which the worst
   * decides. Default true; false: such a text is a ContextTooLongError, as the original fails at it.
   */
  readonly windows?: boolean
  /** Tokens that neighbouring windows share at least. Default 128, or half a window where that is less. */
  readonly overlap?: number
}

export interface BertPromptCheckerOptions extends BuildBertClassifierOptions, BertPromptRule, SessionOptions {
  readonly tokenizer: BertTokenizer
  readonly backend: Backend
  /** How it calls itself. Default 'bert-prompt-checker'. */
  readonly name?: string
  /** What its verdicts say of the weights; a function is called when everything else was found right. */
  readonly modelHash?: ModelHash
}

interface Parts {
  readonly name: string
  readonly modelHash: string | undefined
  readonly tokenizer: BertTokenizer
  readonly classifier: Session
  readonly rule: Required<BertPromptRule>
}

/** A window of a text, and what was said of it. */
interface Reading {
  readonly scores: readonly LabelScore[]
  readonly unsafe: number
  readonly blocks: boolean
}

/**
 * A BERT that tells harmful prompts from others. It knows the languages it was trained in: the original's is meant for
 * Chinese. Special tokens written in a text, such as [SEP], count as such, as with the original.
 * Source: VisCPM-Paint's prompt check; transformers, TextClassificationPipeline.
 */
export class BertPromptChecker implements PromptChecker {
  readonly config: BertClassifierConfig
  readonly #parts: Parts

  private constructor(config: BertClassifierConfig, parts: Parts) {
    this.config = config
    this.#parts = parts
  }

  /**
   * @throws InvalidArgumentError, ConfigError, VocabularyError, MissingKeyError, UnexpectedKeyError, WrongShapeError,
   * SessionError; the signal's reason when aborted
   */
  static async load(options: BertPromptCheckerOptions): Promise<BertPromptChecker> {
    const { weights, config, tokenizer, backend, name = 'bert-prompt-checker' } = options
    options.signal?.throwIfAborted()
    const rule = checkedRule(options, config)
    tokenizer.checkFits(config.text.vocabSize)
    const { classifier: graph } = await buildBertClassifierGraph({
      weights,
      config,
      ...(options.ignored && { ignored: options.ignored }),
    })
    const modelHash = await hashOf(options.modelHash)
    const classifier = await backend.createSession(graph, options)
    return new BertPromptChecker(config, { name, modelHash, tokenizer, classifier, rule })
  }

  get name(): string {
    return this.#parts.name
  }

  /**
   * Blocks when the unsafe label comes first, with a score above the threshold.
   * @throws InvalidArgumentError, ContextTooLongError, NonFiniteError, SessionError, DisposedError; the signal's reason
   */
  async check(text: string, options: { signal?: AbortSignal } = {}): Promise<Verdict> {
    const { name: checker, modelHash, rule } = this.#parts
    const { reading, window, of } = await this.#worst(text, options.signal)
    const score = reading.unsafe
    const common = { checker, score, threshold: rule.threshold, ...(modelHash !== undefined && { modelHash }) }
    if (!reading.blocks) return { decision: 'allow', ...common }
    const where = of > 1 ? ` in part ${window + 1} of ${of}` : ''
    const reason = `${rule.unsafeLabel} has ${score.toFixed(3)}, more than ${rule.threshold}${where}`
    return { decision: 'block', category: rule.unsafeLabel, reason, ...common }
  }

  /**
   * All labels, the highest first; of a text in several windows those of the worst one.
   * @throws InvalidArgumentError, ContextTooLongError, NonFiniteError, SessionError, DisposedError; the signal's reason
   */
  async classify(text: string, options: { signal?: AbortSignal } = {}): Promise<readonly LabelScore[]> {
    return (await this.#worst(text, options.signal)).reading.scores
  }

  async #worst(text: string, signal?: AbortSignal): Promise<{ reading: Reading; window: number; of: number }> {
    signal?.throwIfAborted()
    const parts = this.#windows(text)
    let worst: { reading: Reading; window: number } | undefined
    for (const [window, ids] of parts.entries()) {
      const reading = await this.#read(ids)
      signal?.throwIfAborted()
      if (!worst || isWorse(reading, worst.reading)) worst = { reading, window }
    }
    return { ...worst!, of: parts.length }
  }

  #windows(text: string): (readonly number[])[] {
    const { tokenizer, rule } = this.#parts
    const { maxTokens } = this.config.text
    const ids = tokenizer.encode(text)
    if (ids.length > maxTokens && !rule.windows)
      throw new ContextTooLongError({
        length: ids.length,
        limit: maxTokens,
        message: `the text has ${ids.length} tokens ([CLS] and [SEP] included), the checker reads at most ${maxTokens}`,
        hint: 'Shorten it, or load the checker with windows: true.',
      })
    return windows(ids, maxTokens, rule.overlap)
  }

  async #read(ids: readonly number[]): Promise<Reading> {
    const { classifier, rule } = this.#parts
    const { logits } = await classifier.run({ input_ids: int64(ids, [1, ids.length]) })
    const scores = labelScores(logits!.data as Float32Array, this.config.labels)
    const unsafe = scores.find(({ label }) => label === rule.unsafeLabel)!.score
    return { scores, unsafe, blocks: scores[0]!.label === rule.unsafeLabel && unsafe > rule.threshold }
  }

  /** Frees the weights. Idempotent. */
  async dispose(): Promise<void> {
    await this.#parts.classifier.dispose()
  }
}

function isWorse(a: Reading, b: Reading): boolean {
  return a.blocks === b.blocks ? a.unsafe > b.unsafe : a.blocks
}

/** @throws InvalidArgumentError */
function checkedRule(options: BertPromptRule, { labels, text }: BertClassifierConfig): Required<BertPromptRule> {
  const size = text.maxTokens - 2
  const { unsafeLabel = 'LABEL_1', threshold = 0.75, windows = true } = options
  const { overlap = Math.min(128, Math.floor(size / 2)) } = options
  const refuse = (argument: string, message: string): never => {
    throw new InvalidArgumentError({ argument, message })
  }
  if (!labels.includes(unsafeLabel))
    refuse('unsafeLabel', `the model has no '${unsafeLabel}', it has ${labels.join(', ')}`)
  if (!(typeof threshold === 'number' && threshold >= 0 && threshold < 1))
    refuse('threshold', `must be a number from 0 to below 1, not ${threshold}`)
  if (typeof windows !== 'boolean') refuse('windows', 'must be true or false')
  if (!(Number.isSafeInteger(overlap) && overlap >= 0 && overlap < size))
    refuse('overlap', `must be a whole number from 0 to below ${size}, not ${overlap}`)
  return { unsafeLabel, threshold, windows, overlap }
}
