import type { AnswerScore, ChatAnswer, ScoreOptions, Turn } from '@viscpm/chat'
import { type Image, InvalidArgumentError, type TaskOptions } from '@viscpm/core'
import { type Ranking, type Reranker, type RerankOptions, rank } from '@viscpm/reranker'
import { type CritiqueWording, wordingFor } from './wording.js'

/** What a critic needs of a chat: `VisCPMChat` and `HostedChat` have it. */
export interface CritiqueChat {
  readonly name: string
  ask(
    image: Image,
    question: string,
    options: TaskOptions & { readonly decoding: 'greedy' },
  ): Promise<Pick<ChatAnswer, 'text' | 'finishReason'>>
  score(
    image: Image | undefined,
    question: string,
    answers: readonly string[],
    options?: ScoreOptions,
  ): Promise<AnswerScore[]>
}

/**
 * How a picture is held against its prompt; p is the chat's language model.
 * - `information`: log p(description | prompt) - log p(description): what the prompt tells of the description (pointwise mutual
 *   information). Source: Li et al., A Diversity-Promoting Objective Function for Neural Conversation Models, 2016.
 * - `prompt`: log p(prompt | description) per token.
 * - `caption`: log p(prompt | picture) per token, without a description. Source: Lin et al., Revisiting the Role of Language
 *   Priors in Vision-Language Models, 2024.
 * - `yes`: log p(yes) - log p(no) of "Is this ...?" about the picture. Source: Lin et al., Evaluating Text-to-Visual Generation
 *   with Image-to-Text Generation (VQAScore), 2024.
 */
export type CritiqueWay = (typeof critiqueWays)[number]

export const critiqueWays = ['information', 'prompt', 'caption', 'yes'] as const

export interface SelfCriticOptions {
  readonly chat: CritiqueChat
  /** Default 'caption', which tells pictures of different prompts apart best on the embedded world. */
  readonly way?: CritiqueWay
}

/** What was said of one picture, and how well it fits. */
export interface Critique {
  /** Natural logarithms; higher is better, comparable among pictures of one prompt. */
  readonly score: number
  /** Absent where the way needs none. */
  readonly description?: string
}

/**
 * Ranks pictures by what a chat model sees in them, in the languages that the chat speaks: VisCPM as its own critic. The chat is
 * the caller's, who disposes of it.
 */
export class SelfCritic implements Reranker {
  readonly name: string
  readonly languages: Reranker['languages'] = ['zh', 'en']
  readonly way: CritiqueWay
  readonly #chat: CritiqueChat

  /** @throws InvalidArgumentError for a way that there is not */
  constructor({ chat, way = 'caption' }: SelfCriticOptions) {
    if (!critiqueWays.includes(way))
      throw new InvalidArgumentError({
        argument: 'way',
        message: `there is no way '${String(way)}'`,
        hint: `known: ${critiqueWays.join(', ')}`,
      })
    this.#chat = chat
    this.way = way
    this.name = `self-critique (${way}, ${chat.name})`
  }

  /** Progress: phase `rank`, in pictures. @throws as `VisCPMChat.ask` and `.score` */
  async critique(prompt: string, images: readonly Image[], task: TaskOptions = {}): Promise<Critique[]> {
    const { signal, onProgress } = task
    const wording = wordingFor(prompt)
    const found: Critique[] = []
    for (const image of images) {
      signal?.throwIfAborted()
      found.push(await this.#one(image, prompt, wording, signal ? { signal } : {}))
      onProgress?.({ phase: 'rank', done: found.length, total: images.length, unit: 'steps' })
    }
    return found
  }

  /** @inheritDoc */
  async score(prompt: string, images: readonly Image[], { signal, onProgress }: RerankOptions = {}): Promise<number[]> {
    if (prompt.trim() === '') return images.map(() => 0) // nothing was asked for: all fit alike
    const task = { ...(signal && { signal }), ...(onProgress && { onProgress }) }
    return (await this.critique(prompt, images, task)).map(({ score }) => score)
  }

  /** @inheritDoc */
  async best(prompt: string, images: readonly Image[], options: RerankOptions = {}): Promise<Ranking> {
    return rank(await this.score(prompt, images, options))
  }

  async #one(image: Image, prompt: string, wording: CritiqueWording, task: TaskOptions): Promise<Critique> {
    const { describe, what, shows, isThis, yes, no } = wording
    if (this.way === 'yes') {
      const [agrees, denies] = await this.#chat.score(image, isThis(prompt), [yes, no], { ...task, ends: false })
      return { score: agrees!.logProb - denies!.logProb }
    }
    if (this.way === 'caption') {
      const [shown] = await this.#chat.score(image, what, [shows(prompt)], task)
      return { score: perToken(shown!) }
    }
    const { text: description } = await this.#chat.ask(image, describe, { ...task, decoding: 'greedy' })
    // A chat that says nothing (a checker stopped it) knows least.
    if (description.trim() === '') return { score: -Number.MAX_VALUE, description }
    const after = async (turn: Turn | undefined, question: string, answer: string): Promise<AnswerScore> => {
      const [found] = await this.#chat.score(undefined, question, [answer], { ...task, ...(turn && { turns: [turn] }) })
      return found!
    }
    if (this.way === 'prompt')
      return {
        score: perToken(await after({ question: describe, answer: description }, what, shows(prompt))),
        description,
      }
    const told = await after({ question: what, answer: shows(prompt) }, describe, description)
    const untold = await after(undefined, describe, description)
    return { score: told.logProb - untold.logProb, description }
  }
}

const perToken = ({ logProb, logProbs }: AnswerScore): number => logProb / logProbs.length
