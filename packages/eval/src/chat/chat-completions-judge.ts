import { InvalidArgumentError, RemoteError } from '@viscpm/core'
import { type AskOptions, type Attempt, askWithRetries } from './ask-with-retries.js'
import { fieldsOf } from './json-text.js'
import type { Judge, JudgeReply } from './judge.js'

export interface ChatCompletionsJudgeOptions extends AskOptions {
  /** `http://host/v1`, or the whole address up to `/chat/completions`. */
  readonly url: string
  /** Name of the model, as exact as the endpoint has it: names that move on make scores that nobody can repeat. */
  readonly model: string
  /** Sent as a bearer token; absent where the endpoint wants none. */
  readonly key?: string
  /** Default 0.2, the original's. */
  readonly temperature?: number
  /** Most tokens of a reply. Default 1024, the original's. */
  readonly maxTokens?: number
  /** Default: that of the platform, which on Node knows no proxies. */
  readonly fetch?: typeof fetch
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])

/** @throws InvalidArgumentError */
function endpointOf(url: string, key: string | undefined): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol))
    throw new InvalidArgumentError({ argument: 'url', message: `'${url}' is no http or https address` })
  if (key !== undefined && parsed.protocol === 'http:' && !loopback.has(parsed.hostname))
    throw new InvalidArgumentError({
      argument: 'url',
      message: `the key would go to ${parsed.host} in the clear`,
      hint: 'Give an https address, or no key.',
    })
  const path = parsed.pathname.replace(/\/+$/, '')
  if (!path.endsWith('/chat/completions')) parsed.pathname = `${path === '' ? '/v1' : path}/chat/completions`
  return parsed
}

/**
 * A judge behind an OpenAI-compatible chat-completions endpoint. Faults of the network, timeouts, replies that are not the
 * protocol's, and HTTP 408, 409, 425, 429 and 5xx are tried again with growing waits; other statuses are final.
 * @throws InvalidArgumentError for an address that is none, or a key that would travel unencrypted
 */
export function chatCompletionsJudge(options: ChatCompletionsJudgeOptions): Judge {
  const { url, model, key, temperature = 0.2, maxTokens = 1024, fetch: send = fetch } = options
  const endpoint = endpointOf(url, key)
  const { origin, pathname } = endpoint
  const name = `${origin}${pathname}`
  const once = async (body: string, signal: AbortSignal): Promise<Attempt<JudgeReply>> => {
    const headers = { 'content-type': 'application/json', ...(key !== undefined && { authorization: `Bearer ${key}` }) }
    const response = await send(endpoint, { method: 'POST', headers, body, signal })
    const text = await response.text()
    const { status } = response
    if (status >= 200 && status < 300) return { value: replyOf(text) }
    const told = text.trim() === '' ? '' : `: ${text.trim().slice(0, 300)}`
    const error = new RemoteError({ url: name, status, message: `answers ${status}${told}`, ...hintFor(status) })
    const again = status >= 500 || [408, 409, 425, 429].includes(status)
    return { error, again, retryAfter: response.headers.get('retry-after') }
  }
  return {
    settings: { judge: 'chat-completions', url: name, model, temperature, maxTokens },
    review({ system, prompt }, { signal } = {}) {
      const messages = [
        { role: 'system', content: system },
        { role: 'user', content: prompt },
      ]
      const body = JSON.stringify({ model, messages, temperature, max_tokens: maxTokens })
      return askWithRetries(name, attempt => once(body, attempt), options, signal)
    },
  }
}

/** @throws Error when it is not what the protocol says */
function replyOf(text: string): JudgeReply {
  const { choices, model } = fieldsOf(JSON.parse(text))
  if (!Array.isArray(choices)) throw new Error("a reply without 'choices'")
  const { content } = fieldsOf(fieldsOf(choices[0]).message)
  if (content !== null && typeof content !== 'string') throw new Error("a reply without 'content'")
  // null is what an endpoint says for no words: a reply, though nothing can be read from it.
  return { text: content ?? '', ...(typeof model === 'string' && { model }) }
}

function hintFor(status: number): { hint?: string } {
  if (status === 401 || status === 403) return { hint: 'Check the key, and that it may use this model.' }
  if (status === 404) return { hint: 'Check the address (it usually ends in /v1) and the name of the model.' }
  return {}
}
