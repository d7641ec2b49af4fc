import type { Readable } from 'node:stream'
import { OfflineError } from '@viscpm/core'
import { EnvHttpProxyAgent, request } from 'undici'
import type { Settings } from './settings.js'

/** An answer of a server, its body not read yet. */
export interface Answer {
  /** Where it came from in the end. */
  readonly url: string
  readonly status: number
  /** Header of the answer; names in lower case. */
  header(name: string): string | undefined
  /** As `header`, but of the first hop that had it: the hub says hash and commit where it redirects. */
  hopHeader(name: string): string | undefined
  readonly body: Readable
}

export interface AskOptions {
  /** Those that let somebody in (authorization, cookie) go no further than to the origin of the address, whatever redirects. */
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

const maxHops = 8
/** A list of files or a card is never larger. */
const maxJson = 32 * 2 ** 20

/** What a redirect to another origin takes away: the fetch standard's, and what huggingface_hub drops. */
const secretHeaders = ['authorization', 'cookie', 'proxy-authorization']

const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])

/** The one place that connections are made from. Redirects are followed by hand: the token stays with the endpoint it is for. */
export class HubClient {
  readonly #agent: EnvHttpProxyAgent
  readonly #tokenOrigin: string | undefined

  constructor(private readonly settings: Settings) {
    const { stallTimeout, proxies, token, endpoints } = settings
    this.#agent = new EnvHttpProxyAgent({
      ...proxies,
      headersTimeout: stallTimeout,
      bodyTimeout: stallTimeout,
      connect: { timeout: Math.max(1, Math.min(stallTimeout, 15_000)) },
    })
    // Never in the clear over a network, and never to a mirror.
    const first = token && endpoints[0] ? new URL(endpoints[0]) : undefined
    if (first && (first.protocol === 'https:' || loopback.has(first.hostname))) this.#tokenOrigin = first.origin
  }

  /**
   * GET.
   * @throws OfflineError where the offline switch is on, before anything is looked up; else what undici throws
   */
  async get(address: string, { headers = {}, signal }: AskOptions = {}): Promise<Answer> {
    return this.#ask('GET', address, headers, undefined, signal)
  }

  /** For libraries that want one: same rules. Reads the whole answer, which is small. */
  readonly fetch: typeof fetch = async (input, init) => {
    const method = init?.method === 'POST' ? 'POST' : 'GET'
    const headers = Object.fromEntries(new Headers(init?.headers).entries())
    const body = typeof init?.body === 'string' ? init.body : undefined
    const answer = await this.#ask(method, String(input), headers, body, init?.signal ?? undefined)
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxJson) throw new Error(`${answer.url}: an answer of more than ${maxJson} bytes`)
      chunks.push(chunk)
    }
    const kept = ['content-type', 'link', 'retry-after'].flatMap(name => {
      const value = answer.header(name)
      return value === undefined ? [] : [[name, value] as [string, string]]
    })
    const empty = [204, 304].includes(answer.status)
    return new Response(empty ? null : Buffer.concat(chunks), { status: answer.status, headers: kept })
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  async #ask(
    method: 'GET' | 'POST',
    address: string,
    headers: Readonly<Record<string, string>>,
    body: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    if (this.settings.offline)
      throw new OfflineError({
        message: `${new URL(address).host} is not asked: the offline switch is on`,
        hint: 'Take away HF_HUB_OFFLINE, VISCPM_OFFLINE or --offline, or download the model where there is a network.',
      })
    const hops: Record<string, string | string[] | undefined>[] = []
    let asked: Asked = { url: new URL(address), method, headers: new Headers(headers), body }
    for (;;) {
      signal?.throwIfAborted()
      const { url } = asked
      const sent = new Headers({ 'user-agent': 'viscpm', ...Object.fromEntries(asked.headers) })
      // Hashes and ranges are of the bytes as they lie there.
      sent.set('accept-encoding', 'identity')
      if (url.origin === this.#tokenOrigin) sent.set('authorization', `Bearer ${this.settings.token}`)
      const answer = await request(url, {
        method: asked.method,
        headers: Object.fromEntries(sent),
        dispatcher: this.#agent,
        ...(asked.body !== undefined && { body: asked.body }),
        ...(signal && { signal }),
      })
      // Whoever leaves early, on purpose or not, must not end the process.
      answer.body.on('error', () => {})
      hops.push(answer.headers)
      const { location } = answer.headers
      if (![301, 302, 303, 307, 308].includes(answer.statusCode) || typeof location !== 'string')
        return {
          url: url.href,
          status: answer.statusCode,
          header: name => headerOf([answer.headers], name),
          hopHeader: name => headerOf(hops, name),
          body: answer.body,
        }
      answer.body.destroy()
      asked = redirected(asked, nextHop(url, location, hops.length), answer.statusCode)
    }
  }
}

/** What is asked of one hop. */
interface Asked {
  readonly url: URL
  readonly method: 'GET' | 'POST'
  readonly headers: Headers
  readonly body: string | undefined
}

/** What the next hop is asked. Source: the fetch standard, HTTP-redirect fetch. */
function redirected({ url, method, headers, body }: Asked, to: URL, status: number): Asked {
  const kept = new Headers(headers)
  if (to.origin !== url.origin) for (const name of secretHeaders) kept.delete(name)
  const again = status === 307 || status === 308 || (status !== 303 && method === 'GET')
  if (again) return { url: to, method, headers: kept, body }
  for (const name of ['content-type', 'content-length']) kept.delete(name)
  return { url: to, method: 'GET', headers: kept, body: undefined }
}

function nextHop(from: URL, location: string, hops: number): URL {
  if (hops > maxHops) throw new Error(`${from.href}: more than ${maxHops} redirects`)
  const next = new URL(location, from)
  const downgraded = from.protocol === 'https:' && next.protocol !== 'https:'
  if (downgraded || !['http:', 'https:'].includes(next.protocol))
    throw new Error(`${from.href}: redirects to ${next.protocol}//, which is not followed`)
  return next
}

function headerOf(hops: readonly Record<string, string | string[] | undefined>[], name: string): string | undefined {
  for (const headers of hops) {
    const value = headers[name]
    if (value !== undefined) return Array.isArray(value) ? value[0] : value
  }
  return undefined
}
