import type { Backend, Image, Logger, OnProgress, SessionOptions, TaskOptions, WeightSource } from '@viscpm/core'
import { DisposedError, InvalidArgumentError, languageOf, VocabularyError } from '@viscpm/core'
import { preprocess } from '@viscpm/core/image'
import {
  type AnswerToken,
  CpmBeeModel,
  type Decoded,
  decodeStream,
  type KeyValueDType,
  scoreAnswers,
  type VisionRows,
} from '@viscpm/cpm-bee'
import { type Safety, type SafetyParts, safetyOf } from '@viscpm/safety'
import { type CpmBeeTokenizer, type PackedBatch, packBatch, TokenDecoder } from '@viscpm/tokenizer'
import { appliesTo, originalDecoding, type VisCPMChatConfig } from './config.js'
import { type Answerer, checkImage, PictureConversation } from './conversation.js'
import { ChatGuard, passedOn, withAnswer } from './guard.js'
import { type Asked, fitPrompt } from './prompt.js'
import { type AnswerScore, answerIds, answerScore, type ScoreOptions } from './score.js'
import type {
  AnswerOptions,
  AskOptions,
  ChatAnswer,
  Conversation,
  ConversationOptions,
  DecodingOptions,
} from './types.js'
import { imageHash, VisionCache } from './vision-cache.js'
import { VisionPart } from './vision-part.js'

export interface ChatParts extends SafetyParts, SessionOptions {
  /** A whole VisCPM-Chat checkpoint: keys query, vpm.*, mapping.*, llm.*. */
  readonly weights: WeightSource
  readonly config: VisCPMChatConfig
  readonly tokenizer: CpmBeeTokenizer
  readonly backend: Backend
  /** Defaults of decoding; what is left out is the original's. */
  readonly generation?: DecodingOptions
  readonly logger?: Logger
  /**
   * How keys and values are kept while an answer grows: 'float32' as computed; 'float16' and 'int8' are smaller, not exact.
   * Default 'float32'; for quantized weights on the CPU 'int8'.
   */
  readonly kvCache?: KeyValueDType
  /** Pictures whose states are kept for the next question. Default 8. */
  readonly picturesKept?: number
  /**
   * Load the part that sees for each new picture and free it after: less memory, some seconds for each picture. The weights must
   * then stay open as long as the model is used. Default false.
   */
  readonly releaseVision?: boolean
  /** Called when the model was disposed: for what was opened for it. */
  readonly onDispose?: () => Promise<void>
}

const optionNames = [
  'decoding',
  'beamSize',
  'repetitionPenalty',
  'lengthPenalty',
  'temperature',
  'topK',
  'topP',
  'minP',
  'seed',
  'lookup',
  'maxNewTokens',
] as const satisfies readonly (keyof DecodingOptions)[]

const taskOptionNames: readonly string[] = ['signal', 'onProgress', 'onPrompt']

/**
 * VisCPM-Chat: pictures and questions in, answers out. Give it parts, or load a model with `@viscpm/chat/node`.
 * Source: VisCPM, VisCPMChat.chat.
 */
export class VisCPMChat {
  readonly name: string
  readonly languages: readonly string[]
  /** How answers are decoded when the caller does not say. */
  readonly defaults: DecodingOptions
  /** What pictures, texts and answers pass. */
  readonly safety: Safety
  private readonly guard: ChatGuard
  private readonly seen: VisionCache
  private disposed = false

  protected constructor(
    private readonly parts: ChatParts,
    private readonly vision: VisionPart,
    private readonly llm: CpmBeeModel,
    safety: Safety,
  ) {
    this.safety = safety
    this.guard = new ChatGuard(safety)
    this.name = parts.config.name
    this.languages = parts.config.languages
    this.defaults = { ...originalDecoding, ...parts.generation }
    this.seen = new VisionCache(parts.picturesKept ?? 8)
  }

  /**
   * Builds the model over its weights.
   * @throws MissingKeyError, UnexpectedKeyError, WrongShapeError when the checkpoint is not of this configuration
   * @throws VocabularyError when the vocabulary is of another model; InvalidArgumentError for what is no Safety
   */
  static async create(parts: ChatParts): Promise<VisCPMChat> {
    const { tokenizer, config } = parts
    const safety = safetyOf(parts)
    if (tokenizer.vocabSize !== config.llm.vocabSize)
      throw new VocabularyError({
        message: `the vocabulary has ${tokenizer.vocabSize} tokens, the model ${config.llm.vocabSize}`,
        hint: 'Give the vocabulary file that belongs to the checkpoint (bee.txt).',
      })
    const llm = await CpmBeeModel.load({ ...parts, config: config.llm, prefix: 'llm.' })
    try {
      const release = parts.releaseVision ?? false
      const vision = await VisionPart.load({ ...parts, config: config.vision, release })
      return new VisCPMChat(parts, vision, llm, safety)
    } catch (error) {
      await llm.dispose()
      throw error
    }
  }

  /** Starts a talk about a picture. */
  conversation(image: Image, { syntax = 'text', turns: before }: ConversationOptions = {}): Conversation {
    const answer: Answerer = (turns, question, options) => this.answer(image, { turns, question, syntax }, options)
    return new PictureConversation(image, answer, before)
  }

  /** One question about one picture. */
  ask(image: Image, question: string, options: AskOptions = {}): Promise<ChatAnswer> {
    return this.conversation(image).ask(question, options)
  }

  /** Several pictures with a question each; every answer sees its own picture (upstream's see only the first). */
  async askBatch(
    requests: readonly { readonly image: Image; readonly question: string }[],
    options: AskOptions = {},
  ): Promise<ChatAnswer[]> {
    for (const { image } of requests) checkImage(image)
    const answers: ChatAnswer[] = []
    for (const { image, question } of requests) answers.push(await this.ask(image, question, options))
    return answers
  }

  /**
   * How likely the model finds answers that are given, without generating any: all in one pass after the prompt's.
   * @param image undefined asks the language model alone, about what `turns` and the question say
   * @throws InvalidArgumentError for an empty question or answer; BlockedInputError when a safety checker blocks the picture,
   * the question or the turns; ContextTooLongError, DisposedError; the signal's reason when aborted
   */
  async score(
    image: Image | undefined,
    question: string,
    answers: readonly string[],
    { signal, onProgress, turns = [], syntax = 'text', ends = true }: ScoreOptions = {},
  ): Promise<AnswerScore[]> {
    if (this.disposed) throw new DisposedError({ message: 'this chat was disposed' })
    if (image) checkImage(image)
    const task: TaskOptions = { ...(signal && { signal }), ...(onProgress && { onProgress }) }
    signal?.throwIfAborted()
    const { tokenizer, config } = this.parts
    const asked = { turns, question, syntax }
    const queries = image ? config.vision.queryNum : 0
    const { entries, dropped } = fitPrompt(tokenizer, { ...asked, queries, limit: config.maxInputLength })
    await this.guard.input(image, { ...asked, turns: turns.slice(dropped) }, task)
    const batch = packBatch(tokenizer, [entries])
    const ids = answers.map(answer => answerIds(tokenizer, batch, answer, { syntax, ends }))
    const vision = image && [(await this.see(image, task)).rows]
    const found = await scoreAnswers(this.llm, batch, 0, ids, { tokens: tokenizer, ...task, ...(vision && { vision }) })
    return found.map(answerScore)
  }

  /** Frees the weights. Conversations of this model reject from here on. Idempotent. */
  async dispose(): Promise<void> {
    if (this.disposed) return
    this.disposed = true
    await Promise.all([this.vision.dispose(), this.llm.dispose()])
    await this.parts.onDispose?.()
  }

  /**
   * The form without state behind conversations: the caller keeps the turns. Yields the answer's text as it grows.
   * @returns (as the generator's value) the whole answer
   * @throws as `Conversation.ask`
   */
  async *answer(image: Image, asked: Asked, options: AnswerOptions = {}): AsyncGenerator<string, ChatAnswer> {
    if (this.disposed) throw new DisposedError({ message: 'this chat was disposed' })
    const { signal, onProgress } = options
    const task: TaskOptions = { ...(signal && { signal }), ...(onProgress && { onProgress }) }
    signal?.throwIfAborted()
    const start = performance.now()
    const { tokenizer, config } = this.parts
    const decoding = this.decodingOf(options)
    const { queryNum } = config.vision
    const { entries, dropped } = fitPrompt(tokenizer, { ...asked, queries: queryNum, limit: config.maxInputLength })
    const safety = await this.guard.input(image, { ...asked, turns: asked.turns.slice(dropped) }, task)

    const visionStart = performance.now()
    const { rows, cached } = await this.see(image, task)
    const vision = cached ? 0 : performance.now() - visionStart

    const batch = packBatch(tokenizer, [entries])
    const textOfId = idReader(tokenizer, batch, asked.syntax)
    const prefillStart = performance.now()
    let decodeStart = 0
    const stream = decodeStream(this.llm, batch, {
      ...decoding,
      tokens: tokenizer,
      vision: [rows],
      ...task,
      onProgress: progress => {
        if (decodeStart === 0) decodeStart = performance.now()
        onProgress?.(progress)
      },
    })
    const prompt = { promptTokens: batch.length, imageTokens: queryNum, droppedTurns: dropped }
    options.onPrompt?.(prompt)
    const answer = new GrowingText(stream, textOfId)
    const checked = yield* passedOn(this.guard.output(answer.read(), task))
    const { text } = checked
    const lookup = checked.value?.lookup
    const end = performance.now()
    return {
      text,
      language: languageOf(text),
      finishReason: checked.blocked ? 'blocked' : checked.value!.finish,
      usage: { promptTokens: batch.length, imageTokens: queryNum, completionTokens: answer.tokens, ...lookup },
      timings: {
        vision,
        prefill: (decodeStart || end) - prefillStart,
        decode: decodeStart ? end - decodeStart : 0,
        total: end - start,
      },
      safety: withAnswer(safety, checked),
      droppedTurns: dropped,
    }
  }

  private async see(
    image: Image,
    task: { signal?: AbortSignal; onProgress?: OnProgress },
  ): Promise<{ rows: VisionRows; cached: boolean }> {
    const hash = await imageHash(image)
    const { imageSize } = this.parts.config.vision
    return this.seen.get(hash, async () => {
      task.onProgress?.({ phase: 'vision', done: 0, total: 1, unit: 'steps' })
      const { data } = preprocess(image, imageSize)
      const states = await this.vision.encode(data, task.signal ? { signal: task.signal } : {})
      task.onProgress?.({ phase: 'vision', done: 1, total: 1, unit: 'steps' })
      return { data: states.data as Float32Array, rows: states.shape[0]! * states.shape[1]! }
    })
  }

  /** The caller's options over the model's defaults; defaults of another way of decoding do not apply. */
  private decodingOf(options: AskOptions): Parameters<typeof decodeStream>[2] {
    for (const name of Object.keys(options))
      if (!taskOptionNames.includes(name) && !(optionNames as readonly string[]).includes(name))
        throw new InvalidArgumentError({
          argument: name,
          message: 'unknown option',
          hint: `known: ${optionNames.join(', ')}`,
        })
    const decoding = options.decoding ?? this.defaults.decoding ?? 'beam'
    const merged: Record<string, unknown> = { decoding }
    for (const name of optionNames) {
      if (name === 'decoding') continue
      const fallback = appliesTo(name, decoding) ? this.defaults[name] : undefined
      const value = options[name] ?? fallback
      if (value !== undefined) merged[name === 'maxNewTokens' ? 'maxLength' : name] = value
    }
    return merged as never
  }
}

/** An answer's text as its tokens come. */
class GrowingText {
  /** How many have come. */
  tokens = 0

  constructor(
    private readonly stream: AsyncGenerator<AnswerToken, readonly Decoded[]>,
    private readonly textOfId: (id: number) => string,
  ) {}

  async *read(): AsyncGenerator<string, Decoded> {
    try {
      for (;;) {
        const next = await this.stream.next()
        if (next.done) {
          this.tokens = next.value[0]!.tokens.length
          return next.value[0]!
        }
        this.tokens++
        const added = this.textOfId(next.value.id)
        if (added !== '') yield added
      }
    } finally {
      await this.stream.return(undefined as never) // ends it where the caller left early; else it has ended
    }
  }
}

/** What each id of the answer says: to people, or in CPM-Bee's syntax. */
function idReader(tokenizer: CpmBeeTokenizer, batch: PackedBatch, syntax: 'text' | 'raw'): (id: number) => string {
  const extTable = batch.extTexts[0]!
  if (syntax === 'raw') return id => (id === tokenizer.eosId ? '' : tokenizer.decode([id], extTable))
  const decoder = new TokenDecoder(tokenizer, { extTable, hideSpecial: true })
  return id => decoder.push(id)
}
