import { type Image, isVisCPMError, sha256, type TaskOptions } from '@viscpm/core'
import { type AnsweredPair, type Language, type Lexicon, type QuestionPair, statesAll } from '@viscpm/eval'
import type { JsonLines } from '@viscpm/eval/node'
import type { ChatModel, Talk } from '../../models.js'

/** An answer as it is kept. */
export interface AnswerLine {
  readonly id: string
  readonly language: Language
  readonly question: string
  /** SHA-256 of its pixels. */
  readonly picture: string
  readonly text: string
}

export interface AskPairsOptions extends TaskOptions {
  readonly maxNewTokens: number
  readonly lexicon: Lexicon
  readonly loadImage: (file: string) => Promise<Image>
  readonly store: JsonLines<AnswerLine> | undefined
}

const languages: readonly Language[] = ['en', 'zh']

/**
 * Asks every question in both languages, greedily, each without a history. What the store has is not asked again; what a checker
 * blocks has an empty answer. Progress: phase `answers`.
 * @throws what asking throws; the signal's reason
 */
export async function askPairs(
  chat: ChatModel,
  questions: readonly QuestionPair[],
  { maxNewTokens, lexicon, loadImage, store, signal, onProgress }: AskPairsOptions,
): Promise<AnsweredPair[]> {
  const known = new Map(store?.found.map(({ question, picture, text }) => [`${picture} ${question}`, text]))
  let talk: { readonly picture: string; readonly with: Talk } | undefined
  const images = new Map<string, { readonly image: Image; readonly hash: string }>()
  const total = questions.length * languages.length
  let done = 0
  const answered: AnsweredPair[] = []
  for (const { id, picture, facts, ...question } of questions) {
    const answers: Partial<Record<Language, string>> = {}
    const { image, hash } = images.get(picture) ?? (await hashed(await loadImage(picture)))
    images.set(picture, { image, hash })
    for (const language of languages) {
      signal?.throwIfAborted()
      const found = known.get(`${hash} ${question[language]}`)
      if (found === undefined && talk?.picture !== picture) talk = { picture, with: chat.conversation(image) }
      const text = found ?? (await ask(talk!.with, question[language], maxNewTokens, signal))
      if (found === undefined) await store?.append({ id, language, question: question[language], picture: hash, text })
      answers[language] = text
      onProgress?.({ phase: 'answers', done: ++done, total, unit: 'steps' })
    }
    const { en, zh } = answers as Record<Language, string>
    const right = facts && {
      en: statesAll(lexicon.facts(en, 'en'), facts),
      zh: statesAll(lexicon.facts(zh, 'zh'), facts),
    }
    answered.push({ id, en, zh, ...(right && { right }) })
  }
  return answered
}

const hashed = async (image: Image) => ({ image, hash: await sha256(image.data) })

async function ask(talk: Talk, question: string, maxNewTokens: number, signal: AbortSignal | undefined) {
  try {
    await talk.reset()
    const options = { decoding: 'greedy', maxNewTokens, ...(signal && { signal }) } as const
    for await (const part of talk.stream(question, options))
      if (part.type === 'text-end') return part.answer.finishReason === 'blocked' ? '' : part.answer.text
  } catch (error) {
    if (!isVisCPMError(error, 'BLOCKED')) throw error
  }
  return ''
}
