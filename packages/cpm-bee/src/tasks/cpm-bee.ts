import { InvalidArgumentError, type TaskOptions } from '@viscpm/core'
import {
  AnswerText,
  type CpmBeeTokenizer,
  type PackOptions,
  type PackValue,
  packBatch,
  TokenDecoder,
} from '@viscpm/tokenizer'
import { decode, decodeStream } from '../decoding/decode.js'
import { type DecodingOptions, decodingOptionNames } from '../decoding/options.js'
import type { AnswerToken, Decoded } from '../decoding/run.js'
import type { LanguageModel } from '../engine.js'
import { answerInput, chooseInput, continueInput, fillInput, translateInput } from './formats.js'
import type { MarkedText } from './marked-text.js'
import {
  answerPaths,
  fillAnswer,
  type TaskAnswer,
  type TaskInput,
  type TaskOutput,
  type TaskSyntax,
  type TaskText,
  toPackValue,
  withAnswer,
} from './task-input.js'

/** How to run a task: decoding options, and how the input is read. Default decoding: beam search as CPM-Bee's own. */
export type TaskRunOptions = DecodingOptions &
  TaskOptions & {
    /** Default 'text'. */
    readonly syntax?: TaskSyntax
    /** Solved examples (their `<ans>` filled in) that the model reads beside the input. */
    readonly examples?: readonly TaskInput[]
    /** Tokens that the input may have. Default: no limit. */
    readonly maxInputLength?: number
  }

export interface TaskResult {
  /** In the shape of the input's `<ans>`. */
  readonly answer: TaskAnswer
  /** The input with its answers filled in. */
  readonly output: TaskOutput
  /** 'length' when the limit came before the end of the last answer. */
  readonly finish: 'stop' | 'length'
  readonly usage: {
    readonly promptTokens: number
    readonly completionTokens: number
    /** Tokens that lookup fed on trial, and how many of them were right; absent where it was off. */
    readonly drafted?: number
    readonly accepted?: number
  }
}

/** Text that has become certain. The parts of one path, joined, are its answer. */
export interface TaskPart {
  /** Keys under `<ans>`; [] for a single answer. */
  readonly path: readonly string[]
  readonly text: string
  readonly token: AnswerToken
}

/**
 * CPM-Bee's text tasks: named values in, the same with their answers out. Needs no picture.
 *
 *     const bee = new CpmBee({ model, tokenizer })
 *     await bee.run({ input: text`北京是${mask(0)}的首都`, '<ans>': { '<mask_0>': '' } })
 */
export class CpmBee {
  readonly #model: LanguageModel
  readonly #tokenizer: CpmBeeTokenizer

  /** @throws InvalidArgumentError when model and vocabulary are of different sizes */
  constructor({ model, tokenizer }: { readonly model: LanguageModel; readonly tokenizer: CpmBeeTokenizer }) {
    if (model.vocabSize !== tokenizer.vocabSize)
      throw new InvalidArgumentError({
        argument: 'tokenizer',
        message: `has ${tokenizer.vocabSize} tokens, the model ${model.vocabSize}`,
        hint: "use the vocabulary file that belongs to the model's checkpoint",
      })
    this.#model = model
    this.#tokenizer = tokenizer
  }

  /**
   * Answers one input.
   * @throws InvalidArgumentError for a wrong input or option, ContextTooLongError, TokenizerError (raw syntax),
   * NonFiniteError; the signal's reason when aborted
   */
  async run(input: TaskInput, options: TaskRunOptions = {}): Promise<TaskResult> {
    const [result] = await this.runBatch([input], options)
    return result!
  }

  /** Answers several inputs, each as it would be alone. @throws as `run` */
  async runBatch(inputs: readonly TaskInput[], options: TaskRunOptions = {}): Promise<TaskResult[]> {
    const { packed, batch, decoding } = this.#prepare(inputs, options)
    const decoded = await decode(this.#model, batch, { ...decoding, tokens: this.#tokenizer })
    return decoded.map((one, i) =>
      this.#result(inputs[i]!, packed[i]!, one, batch.extTexts[i]!, batch.samples[i]!.length, options),
    )
  }

  /**
   * Answers one input, part by part. With beam search a part comes when every hypothesis that can still win has it.
   * @returns (as the generator's value) what `run` gives
   * @throws as `run`
   */
  async *stream(input: TaskInput, options: TaskRunOptions = {}): AsyncGenerator<TaskPart, TaskResult> {
    const { packed, batch, decoding } = this.#prepare([input], options)
    const paths = answerPaths(input)
    const extTable = batch.extTexts[0]!
    const decoder = new TokenDecoder(this.#tokenizer, { extTable })
    const tokens = decodeStream(this.#model, batch, { ...decoding, tokens: this.#tokenizer })
    try {
      for (;;) {
        const next = await tokens.next()
        if (next.done) {
          const [decoded] = next.value
          return this.#result(input, packed[0]!, decoded!, extTable, batch.samples[0]!.length, options)
        }
        const token = next.value
        if (token.id === this.#tokenizer.eosId) continue
        const text = options.syntax === 'raw' ? this.#tokenizer.decode([token.id], extTable) : decoder.push(token.id)
        yield { path: paths[token.answer - 1]!, text, token }
      }
    } finally {
      await tokens.return([])
    }
  }

  /** Texts for the gaps `mask(k)` of `input`, in reading order. @throws as `run` */
  async fill(input: MarkedText, options?: TaskRunOptions): Promise<string[]> {
    const { answer } = await this.run(fillInput(input), options)
    return Object.values(answer as Record<string, string | null>).map(text => text ?? '')
  }

  /** How `input` goes on. `prompt` says how far, in words: default "往后写约100字". @throws as `run` */
  async continue(input: TaskText, options: TaskRunOptions & { readonly prompt?: TaskText } = {}): Promise<string> {
    const { prompt = '往后写约100字', ...rest } = options
    return this.#single(continueInput(input, prompt), rest)
  }

  /** `input` in English or Chinese. @throws as `run` */
  async translate(input: TaskText, to: 'en' | 'zh', options?: TaskRunOptions): Promise<string> {
    return this.#single(translateInput(input, to), options)
  }

  /** The answer to a question about `input`. @throws as `run` */
  async answer(input: TaskText, question: TaskText, options?: TaskRunOptions): Promise<string> {
    return this.#single(answerInput(input, question), options)
  }

  /** Index of the choice that answers the question, -1 when the model says something else (`text`). @throws as `run` */
  async choose(
    input: TaskText,
    question: TaskText,
    choices: readonly TaskText[],
    options?: TaskRunOptions,
  ): Promise<{ index: number; text: string }> {
    const text = await this.#single(chooseInput(input, question, choices), options)
    const index = choices.findIndex((choice, i) => text === `<option_${i}>` || text === String(choice))
    return { index, text }
  }

  async #single(input: TaskInput, options?: TaskRunOptions): Promise<string> {
    const { answer } = await this.run(input, options)
    return (answer as string | null) ?? ''
  }

  #prepare(inputs: readonly TaskInput[], options: TaskRunOptions) {
    const { syntax = 'text', examples, maxInputLength, ...rest } = options
    if (syntax !== 'text' && syntax !== 'raw')
      throw new InvalidArgumentError({ argument: 'syntax', message: `must be 'text' or 'raw', not ${String(syntax)}` })
    const known = [...decodingOptionNames, 'signal', 'onProgress']
    const unknown = Object.keys(rest).find(name => !known.includes(name))
    if (unknown) throw new InvalidArgumentError({ argument: unknown, message: 'unknown option' })
    const packed = inputs.map(input => toPackValue(input, syntax))
    const packOptions: PackOptions = {
      ...(maxInputLength !== undefined && { maxInputLength }),
      ...(examples && { inContextSamples: examples.map(example => toPackValue(example, syntax, true)) }),
    }
    // What CPM-Bee's documentation decodes with.
    const decoding: DecodingOptions = { ...rest, repetitionPenalty: rest.repetitionPenalty ?? 1.1 }
    return { packed, batch: packBatch(this.#tokenizer, packed, packOptions), decoding }
  }

  #result(
    input: TaskInput,
    packed: PackValue,
    decoded: Decoded,
    extTable: ReadonlyMap<number, string>,
    promptTokens: number,
    options: TaskRunOptions,
  ): TaskResult {
    const predicted = decoded.tokens.map(token => [token.id, token.answer] as const)
    const { texts } = AnswerText.read(this.#tokenizer, packed, predicted, { extTable, raw: options.syntax === 'raw' })
    const answer = fillAnswer(input, i => texts[i] ?? null)
    return {
      answer,
      output: withAnswer(input, answer),
      finish: decoded.finish,
      usage: { promptTokens, completionTokens: decoded.tokens.length, ...decoded.lookup },
    }
  }
}
