import type { DecodingOptions } from '@viscpm/chat'
import { checkSafetyFiles, type OpenSafety } from '@viscpm/safety/node'
import type { Context, GlobalOptions } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { UsageError } from '../../failures.js'
import { interruptible } from '../../interrupt.js'
import type { ChatModel } from '../../models.js'
import { givenDecoding } from '../../options/decoding.js'
import type { ModelOptions } from '../../options/model.js'
import type { SafetyOptions } from '../../options/safety.js'
import { stagesOf } from '../../safety/coverage.js'
import { safetySetup } from '../../safety/from-options.js'
import { ProgressView } from '../../terminal/progress.js'
import { loadChat } from '../load-chat.js'
import { type AnswerView, answerObject, writeAnswer } from './answer.js'
import { InteractiveChat } from './interactive.js'
import { readPicture } from './picture-source.js'

export interface ChatOptions extends GlobalOptions, ModelOptions, DecodingOptions, SafetyOptions {
  readonly json?: boolean
  readonly stream?: boolean
  readonly alpha: 'white' | 'drop'
}

/** `viscpm chat IMAGE [QUESTION]`. @returns the exit code */
export async function chat(
  context: Context,
  picture: string,
  question: string | undefined,
  options: ChatOptions,
): Promise<number> {
  const { io, t } = context
  if (question !== undefined && question.trim() === '') throw new UsageError(t.chat.emptyQuestion)
  if (picture === '-' && question === undefined) throw new UsageError(t.chat.stdinPictureNeedsQuestion)

  const setup = safetySetup(options, stagesOf.chat, t)

  const json = options.json === true
  const view: AnswerView = { json, stream: options.stream ?? !json, verbose: options.verbose === true }
  const decoding = givenDecoding(options)
  const progress = new ProgressView(io, t, options.quiet === true)
  let model: ChatModel | undefined
  let guarding: OpenSafety | undefined
  try {
    // The picture first: it is quick, and a wrong name should not cost the time of loading a model.
    const image = await interruptible(io, async signal => {
      await checkSafetyFiles(setup)
      const read = await readPicture(context, picture, options.alpha, signal)
      const loaded = await loadChat(context, options, setup, progress, signal)
      guarding = loaded.guarding
      model = loaded.model
      return read
    })
    if (question === undefined) {
      const chat = new InteractiveChat(context, {
        model: model!,
        image,
        picture,
        alpha: options.alpha,
        decoding,
        view,
        progress,
      })
      return await chat.run()
    }
    const talk = model!.conversation(image)
    const answer = await interruptible(io, signal =>
      writeAnswer(context, { talk, question, decoding, signal }, progress, view),
    )
    if (json) io.stdout.write(`${JSON.stringify(answerObject(model!.name, question, answer))}\n`)
    return answer.finishReason === 'blocked' ? exitCodes.blocked : exitCodes.ok
  } finally {
    await model?.dispose()
    await guarding?.dispose()
  }
}
