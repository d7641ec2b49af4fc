import type { ChatAnswer } from '@viscpm/chat'
import { isVisCPMError } from '@viscpm/core'
import type { AnswerRecord, ChatQuestion } from '@viscpm/eval'
import { checkSafetyFiles, type OpenSafety } from '@viscpm/safety/node'
import type { Context } from '../../context.js'
import type { ChatModel, Talk } from '../../models.js'
import { asOptionError, givenDecoding } from '../../options/decoding.js'
import { loadOptions } from '../../options/model.js'
import { stagesOf } from '../../safety/coverage.js'
import { safetySetup } from '../../safety/from-options.js'
import type { ProgressView } from '../../terminal/progress.js'
import { loadChat } from '../load-chat.js'
import type { EvalChatOptions } from './options.js'

/** The model that answers: loaded when the first question comes that has no answer yet. */
export class Speaker {
  private model: ChatModel | undefined
  private guarding: OpenSafety | undefined
  /** What was asked about last: its picture need not be looked at again. */
  private about: { readonly picture: string; readonly talk: Talk } | undefined

  constructor(
    private readonly context: Context,
    private readonly options: EvalChatOptions,
    private readonly progress: ProgressView,
  ) {}

  /** Whatever an answer depends on, as plain JSON. */
  async settings(): Promise<object> {
    const { services, t } = this.context
    const { vocabulary, config, threads: _threads, ...load } = loadOptions(this.options)
    const { threads: __threads, audit: _audit, ...safety } = safetySetup(this.options, stagesOf.chat, t)
    const places = { ...(vocabulary !== undefined && { vocabulary }), ...(config !== undefined && { config }) }
    const identity = await services.identifyChat(this.options.model, places)
    return { model: identity, load, decoding: givenDecoding(this.options), safety }
  }

  async load(signal: AbortSignal): Promise<void> {
    if (this.model) return
    const { context, options, progress } = this
    const setup = safetySetup(options, stagesOf.chat, context.t)
    await checkSafetyFiles(setup)
    const { model, guarding } = await loadChat(context, options, setup, progress, signal)
    this.guarding = guarding
    this.model = model
  }

  /** Answers in a talk of its own. @throws UsageError for options of decoding that do not go together */
  async answer(
    { text }: ChatQuestion,
    picture: string,
    signal: AbortSignal | undefined,
  ): Promise<Omit<AnswerRecord, 'question_id' | 'prompt'>> {
    const model_id = this.model!.name
    try {
      const talk = await this.talkAbout(picture)
      const answer = await spoken(talk, text, { ...givenDecoding(this.options), ...(signal && { signal }) })
      return {
        ...{ text: answer.text, model_id, finish_reason: answer.finishReason },
        ...{ completion_tokens: answer.usage.completionTokens, milliseconds: Math.round(answer.timings.total) },
      }
    } catch (error) {
      // Nothing said is what whoever asked this would have got.
      if (isVisCPMError(error, 'BLOCKED')) return { text: '', model_id, finish_reason: 'blocked' }
      throw asOptionError(error, this.context.t)
    }
  }

  private async talkAbout(picture: string): Promise<Talk> {
    if (this.about?.picture === picture) {
      await this.about.talk.reset()
      return this.about.talk
    }
    const talk = this.model!.conversation(await this.context.services.loadImage(picture, { alpha: 'white' }))
    this.about = { picture, talk }
    return talk
  }

  async dispose(): Promise<void> {
    await this.model?.dispose()
    await this.guarding?.dispose()
  }
}

async function spoken(talk: Talk, question: string, options: Parameters<Talk['stream']>[1]): Promise<ChatAnswer> {
  for await (const part of talk.stream(question, options)) if (part.type === 'text-end') return part.answer
  throw new Error('the stream ended without an answer')
}
