import type { ChatAnswer } from '@viscpm/chat'

const finishReasons = { stop: 'stop', length: 'length', blocked: 'content_filter' } as const

export interface ChatHead {
  readonly id: string
  readonly created: number
  readonly model: string
}

const secondsOf = (ms: number): number => Math.floor(ms / 1000)

export const chatHead = (job: string, model: string): ChatHead => ({
  id: `chatcmpl-${job}`,
  created: secondsOf(Date.now()),
  model,
})

export interface ChatUsage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
}

export function usageOf({ usage: { promptTokens, completionTokens } }: ChatAnswer): ChatUsage {
  const total = promptTokens + completionTokens
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: total }
}

/** What OpenAI has no place for. */
export function extrasOf({ safety, timings, language, droppedTurns, usage }: ChatAnswer): Record<string, unknown> {
  const { promptTokens: _prompt, completionTokens: _completion, ...rest } = usage
  return { safety, timings, language, droppedTurns, usage: rest }
}

export const finishReason = ({ finishReason }: ChatAnswer): 'stop' | 'length' | 'content_filter' =>
  finishReasons[finishReason]

/** A whole answer. */
export function completion({ id, created, model }: ChatHead, answer: ChatAnswer): Record<string, unknown> {
  const message = { role: 'assistant', content: answer.text, refusal: null }
  return {
    id,
    object: 'chat.completion',
    created,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(answer) }],
    usage: usageOf(answer),
    viscpm: extrasOf(answer),
  }
}

export type Delta = { readonly role?: 'assistant'; readonly content?: string }

/** One piece of an answer; the last has the reason why it ended. */
export function chunk(head: ChatHead, delta: Delta, answer?: ChatAnswer): Record<string, unknown> {
  return {
    id: head.id,
    object: 'chat.completion.chunk',
    created: head.created,
    model: head.model,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: answer ? finishReason(answer) : null }],
    ...(answer && { viscpm: extrasOf(answer) }),
  }
}

/** What it took, after all else, where a client asks for it. */
export function usageChunk(head: ChatHead, answer: ChatAnswer): Record<string, unknown> {
  return { ...chunk(head, {}), choices: [], usage: usageOf(answer), viscpm: extrasOf(answer) }
}
