import { EngineError } from '../errors.js'
import type { ChatReply, ChatRequest, SafetyNote } from '../types.js'
import { dataOf, eventsOf } from './events.js'
import { failureIn } from './failures.js'
import { dataUrlOf, field, listOf, numberOf, textOf } from './fields.js'
import type { Connection } from './http.js'
import { modelFor } from './models.js'
import { safetyOf } from './safety.js'

/** A question over POST /v1/chat/completions, streamed. @throws EngineError; the signal's reason */
export async function chat(connection: Connection, request: ChatRequest): Promise<ChatReply> {
  const started = performance.now()
  const { signal } = request
  const [{ id: model }, url] = await Promise.all([modelFor('chat', connection, signal), dataUrlOf(request.picture)])
  const response = await connection.call('v1/chat/completions', {
    method: 'POST',
    body: bodyOf(request, model, url),
    signal,
  })
  const seen = new Answer(request.onText)
  for await (const event of eventsOf(response, signal)) {
    if (event.data === '[DONE]') break
    seen.take(dataOf(event))
  }
  return seen.reply(performance.now() - started)
}

/** As OpenAI's clients send it: the picture goes with the first question. */
function bodyOf({ turns, question, decoding, maxNewTokens }: ChatRequest, model: string, url: string): object {
  const picture = { type: 'image_url', image_url: { url } }
  const asked = [...turns.map(turn => turn.question), question].map((text, i) => ({
    role: 'user',
    content: i === 0 ? [{ type: 'text', text }, picture] : [{ type: 'text', text }],
  }))
  const messages = asked.flatMap((message, i) => {
    const answer = turns[i]?.answer
    return answer === undefined ? [message] : [message, { role: 'assistant', content: answer }]
  })
  return {
    model,
    messages,
    decoding,
    ...(maxNewTokens === undefined ? {} : { max_tokens: maxNewTokens }),
    stream: true,
    stream_options: { include_usage: true },
  }
}

const reasons = { stop: 'stop', length: 'length', content_filter: 'blocked' } as const

/** What has come of an answer so far. */
class Answer {
  readonly #onText: (added: string) => void
  #text = ''
  #finish: ChatReply['finishReason'] | undefined
  #usage = { promptTokens: 0, completionTokens: 0 }
  #safety: readonly SafetyNote[] = []

  constructor(onText: (added: string) => void) {
    this.#onText = onText
  }

  /** One chunk. @throws EngineError where it carries an error */
  take(chunk: unknown): void {
    const error = field(chunk, 'error')
    if (error !== undefined && error !== null) throw failureIn(chunk)
    const choice = listOf(field(chunk, 'choices'))[0]
    const added = textOf(field(field(choice, 'delta'), 'content'))
    if (added) {
      this.#text += added
      this.#onText(added)
    }
    const finish = textOf(field(choice, 'finish_reason'))
    if (finish !== undefined) this.#finish = reasons[finish as keyof typeof reasons] ?? 'stop'
    const usage = field(chunk, 'usage')
    if (usage) {
      const promptTokens = numberOf(field(usage, 'prompt_tokens')) ?? 0
      this.#usage = { promptTokens, completionTokens: numberOf(field(usage, 'completion_tokens')) ?? 0 }
    }
    const safety = field(field(chunk, 'viscpm'), 'safety')
    if (safety !== undefined) this.#safety = safetyOf(safety)
  }

  /** @throws EngineError 'broken' when the stream ended before the answer did */
  reply(took: number): ChatReply {
    if (this.#finish === undefined) throw new EngineError('broken', 'The answer ended in the middle.')
    return { text: this.#text, finishReason: this.#finish, usage: this.#usage, safety: this.#safety, took }
  }
}
