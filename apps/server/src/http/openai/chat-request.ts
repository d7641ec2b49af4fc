import { randomInt } from 'node:crypto'
import type { DecodingOptions, Turn } from '@viscpm/chat'
import type { ChatRequest } from '../../jobs/types.js'
import { badRequest } from '../errors.js'
import { type PictureSource, pictureFrom } from '../security/pictures.js'
import type { ChatFields, ChatMessage } from './chat-schema.js'
import { pictureUrl } from './message-part.js'

/** How an answer is to be searched for; what OpenAI calls sampling is sampling. @throws HttpError */
export function decodingOf(body: ChatFields): DecodingOptions {
  const { temperature, top_p, top_k, min_p, seed, beam_size, max_tokens, max_completion_tokens } = body
  if (max_tokens !== undefined && max_completion_tokens !== undefined && max_tokens !== max_completion_tokens)
    throw badRequest('max_tokens', 'max_tokens and max_completion_tokens say different things.')
  const samples = [top_p, top_k, min_p, seed].some(value => value !== undefined)
  const decoding =
    body.decoding ??
    (beam_size !== undefined
      ? 'beam'
      : temperature === 0
        ? 'greedy'
        : samples || temperature !== undefined
          ? 'sample'
          : undefined)
  if (temperature === 0 && decoding !== 'greedy')
    throw badRequest('temperature', `temperature: 0 does not go with decoding '${decoding}'.`)
  const given: { -readonly [K in keyof DecodingOptions]: DecodingOptions[K] | undefined } = {
    decoding,
    beamSize: beam_size,
    // With 0 asked for, the most likely token is taken: there is nothing to divide.
    temperature: temperature === 0 ? undefined : temperature,
    // Greedy decoding with OpenAI's neutral values is still greedy.
    topP: decoding === 'greedy' && top_p === 1 ? undefined : top_p,
    topK: top_k,
    minP: min_p,
    repetitionPenalty: body.repetition_penalty,
    lengthPenalty: body.length_penalty,
    // A job that is taken up again by another worker says the same again.
    // With temperature 0 any seed gives the same.
    seed: decoding === 'sample' ? (seed ?? randomInt(2 ** 32)) : temperature === 0 ? undefined : seed,
    lookup: body.lookup,
    maxNewTokens: max_tokens ?? max_completion_tokens,
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as DecodingOptions
}

interface Said {
  readonly text: string
  /** Of its picture, or the id of an uploaded file. */
  readonly url?: string | undefined
}

function said({ content, role }: ChatMessage, param: string): Said {
  if (typeof content === 'string') return { text: content }
  const urls = content.flatMap(part => (part.type === 'text' ? [] : [pictureUrl(part)]))
  if (urls.length > 1) throw badRequest(param, `${param}: the model looks at one picture.`, 'one_image_only')
  const text = content.flatMap(part => (part.type === 'text' ? [part.text] : [])).join('\n')
  return { text, ...(role === 'user' && { url: urls[0] }) }
}

/** A talk as messages: turns, the question, and the picture's URL. @throws HttpError */
export function talkOf(messages: readonly ChatMessage[]): { turns: Turn[]; question: string; url: string } {
  const turns: Turn[] = []
  let url: string | undefined
  let others = false
  let question: string | undefined
  for (const [i, message] of messages.entries()) {
    const param = `messages[${i}]`
    const { text, url: picture } = said(message, param)
    if (picture !== undefined) {
      url ??= picture
      others ||= picture !== url
    }
    if (message.role === 'user') question = question === undefined || question === '' ? text : `${question}\n${text}`
    else if (question === undefined)
      throw badRequest(param, `${param}: an answer needs a question of the user before it.`)
    else {
      turns.push({ question, answer: text })
      question = undefined
    }
  }
  if (question === undefined || question.trim() === '')
    throw badRequest('messages', 'messages: must end with a question of the user.')
  if (url === undefined)
    throw badRequest(
      'messages',
      'messages: a user message must bring the picture, as an image_url part.',
      'image_required',
    )
  if (others)
    throw badRequest(
      'messages',
      'messages: the model looks at one picture; start another talk for another one.',
      'one_image_only',
    )
  return { turns, question, url }
}

/** @throws HttpError; the signal's reason */
export async function chatRequest(
  body: ChatFields,
  model: string,
  pictures: PictureSource,
  signal: AbortSignal,
): Promise<ChatRequest> {
  const decoding = decodingOf(body)
  const { turns, question, url } = talkOf(body.messages)
  const image = await pictureFrom(url, 'messages', pictures, signal)
  return { kind: 'chat', model, image, turns, question, decoding }
}
