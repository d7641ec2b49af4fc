import { type Image, InvalidArgumentError } from '@viscpm/core'
import type { Decision } from '@viscpm/safety'
import type { AskOptions, ChatAnswer, ChatPart, Conversation, Turn } from './types.js'

/** Answers one question given the turns before it; the pipeline behind a conversation. */
export type Answerer = (
  turns: readonly Turn[],
  question: string,
  options: AskOptions,
) => AsyncGenerator<string, ChatAnswer>

/** @throws InvalidArgumentError when the object is no picture */
export function checkImage(image: Image): void {
  const fault =
    image === null || typeof image !== 'object' || !(image.data instanceof Uint8Array)
      ? 'a decoded RGB picture {width, height, data} is needed'
      : image.width < 1 || image.height < 1 || image.data.length !== image.width * image.height * 3
        ? `${image.data.length} bytes are not ${image.width} x ${image.height} RGB pixels`
        : undefined
  if (fault)
    throw new InvalidArgumentError({
      argument: 'image',
      message: fault,
      hint: "Use loadImage() of '@viscpm/chat/node'.",
    })
}

/** @throws InvalidArgumentError when they are no questions with their answers */
function checkTurns(turns: readonly Turn[]): readonly Turn[] {
  const isTurn = (turn: Turn) => typeof turn?.question === 'string' && typeof turn.answer === 'string'
  if (!Array.isArray(turns) || !turns.every(isTurn))
    throw new InvalidArgumentError({ argument: 'turns', message: 'must be a list of {question, answer}' })
  return turns
}

/** What stopped an answer. */
function stoppedBy({ finishReason, safety }: ChatAnswer): Decision | undefined {
  return finishReason === 'blocked' ? safety.flagged.at(-1) : undefined
}

/** See `Conversation`. One question at a time: a second one waits for the first, so that turns keep their order. */
export class PictureConversation implements Conversation {
  private history: Turn[]
  private last: Promise<unknown> = Promise.resolve()

  constructor(
    readonly image: Image,
    private readonly answer: Answerer,
    turns: readonly Turn[] = [],
  ) {
    checkImage(image)
    this.history = [...checkTurns(turns)]
  }

  get turns(): readonly Turn[] {
    return this.history
  }

  reset(): void {
    this.history = []
  }

  async ask(question: string, options: AskOptions = {}): Promise<ChatAnswer> {
    for await (const part of this.stream(question, options)) if (part.type === 'text-end') return part.answer
    throw new Error('unreachable: a stream ends with its answer or throws')
  }

  async *stream(question: string, options: AskOptions = {}): AsyncGenerator<ChatPart> {
    const before = this.last
    let release = () => {}
    this.last = new Promise<void>(resolve => {
      release = resolve
    })
    try {
      await before
      const turns = this.history
      const answering = this.answer(turns, question, options)
      try {
        yield { type: 'text-start' }
        let next = await answering.next()
        for (; !next.done; next = await answering.next()) yield { type: 'text-delta', text: next.value }
        const stopped = stoppedBy(next.value)
        if (stopped) yield { type: 'blocked', decision: stopped }
        // A reset while the answer grew starts a new history: this turn belongs to the old one.
        else if (this.history === turns) this.history = [...turns, { question, answer: next.value.text }]
        yield { type: 'text-end', answer: next.value }
      } finally {
        await answering.return(undefined as never) // ends it where the caller left early; else it has ended
      }
    } finally {
      release()
    }
  }
}
