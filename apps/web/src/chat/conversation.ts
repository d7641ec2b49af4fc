import type { EngineErrorCode } from '../engine/errors.js'
import type { SafetyNote, Turn } from '../engine/types.js'
import { newId } from '../store/id.js'

/** What is told of a failure, and kept with it. */
export interface Failure {
  readonly code: EngineErrorCode
  readonly message: string
  readonly param?: string
  readonly retryAfter?: number
  readonly safety: readonly SafetyNote[]
}

export type TurnStatus = 'running' | 'done' | 'length' | 'blocked' | 'stopped' | 'failed'

export interface ChatTurn {
  readonly id: string
  readonly question: string
  /** Where a new picture comes with the question: the model's talk starts afresh from here. */
  readonly picture?: Blob
  readonly answer: string
  readonly status: TurnStatus
  readonly safety: readonly SafetyNote[]
  /** Milliseconds. */
  readonly took?: number
  readonly tokens?: number
  readonly failure?: Failure
}

export interface Conversation {
  readonly id: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly turns: readonly ChatTurn[]
}

export function newConversation(now: number): Conversation {
  return { id: newId(), createdAt: now, updatedAt: now, turns: [] }
}

/** The first question, on one line; undefined while there is none. */
export function titleOf({ turns }: Conversation): string | undefined {
  const line = turns[0]?.question.replace(/\s+/g, ' ').trim()
  if (!line) return undefined
  const characters = Array.from(line)
  return characters.length > 60 ? `${characters.slice(0, 59).join('')}…` : line
}

/** What a question refers to: the last picture up to it, and the turns about it that were answered. */
export function contextOf(
  turns: readonly ChatTurn[],
  index: number,
): { readonly picture: Blob; readonly turns: readonly Turn[] } | undefined {
  let start = index
  while (start >= 0 && turns[start]?.picture === undefined) start -= 1
  const picture = turns[start]?.picture
  if (picture === undefined) return undefined
  return {
    picture,
    turns: turns
      .slice(start, index)
      .filter(isAnswered)
      .map(({ question, answer }) => ({ question, answer })),
  }
}

function isAnswered({ status, answer }: ChatTurn): boolean {
  return answer !== '' && (status === 'done' || status === 'length' || status === 'stopped')
}

/** Whether a further question has a picture to refer to. */
export function hasPicture({ turns }: Conversation): boolean {
  return turns.some(turn => turn.picture !== undefined)
}

export function isRunning({ turns }: Conversation): boolean {
  return turns.at(-1)?.status === 'running'
}

export function newTurn(question: string, picture: Blob | undefined): ChatTurn {
  return {
    id: newId(),
    question,
    answer: '',
    status: 'running',
    safety: [],
    ...(picture === undefined ? {} : { picture }),
  }
}

/** The turn as it was before it was answered. */
export function unanswered({ question, picture }: ChatTurn): ChatTurn {
  return newTurn(question, picture)
}

export function withTurn(conversation: Conversation, turn: ChatTurn): Conversation {
  const index = conversation.turns.findIndex(t => t.id === turn.id)
  return index < 0 ? conversation : { ...conversation, turns: conversation.turns.with(index, turn) }
}

/** One that was kept while it was being answered, by a page that is gone. */
export function restored(conversation: Conversation): Conversation {
  const turns = conversation.turns.map(t => (t.status === 'running' ? { ...t, status: 'stopped' as const } : t))
  return { ...conversation, turns }
}
