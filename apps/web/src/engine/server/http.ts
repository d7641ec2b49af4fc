import { EngineError, isAbort } from '../errors.js'
import { failureOf } from './failures.js'

export interface ConnectionOptions {
  readonly key: () => string | undefined
  /** The server's address. Default: where the page came from. */
  readonly base?: string
}

export interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  /** Sent as JSON. */
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
  /** Let it arrive even when the page is being left. */
  readonly keepalive?: boolean
}

/** Requests to one server, with the key, and with failures as EngineErrors. */
export class Connection {
  readonly #options: ConnectionOptions

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  /**
   * @param path relative to the server, as 'v1/models'
   * @throws EngineError; the signal's reason
   */
  async call(path: string, { method = 'GET', body, signal, keepalive = false }: CallOptions = {}): Promise<Response> {
    const key = this.#options.key()
    const headers: Record<string, string> = { accept: 'application/json, text/event-stream' }
    if (key !== undefined) headers.authorization = `Bearer ${key}`
    if (body !== undefined) headers['content-type'] = 'application/json'
    const init: RequestInit = { method, headers, cache: 'no-store', keepalive }
    if (body !== undefined) init.body = JSON.stringify(body)
    if (signal) init.signal = signal
    let response: Response
    try {
      response = await fetch(new URL(path, this.#options.base ?? document.baseURI), init)
    } catch (error) {
      if (signal && isAbort(error, signal)) throw signal.reason
      throw new EngineError('away', 'The server does not answer.', { cause: error })
    }
    if (response.ok) return response
    throw await failureOf(response, key !== undefined)
  }

  /** The JSON of an answer. @throws EngineError; the signal's reason */
  async json(path: string, options: CallOptions = {}): Promise<unknown> {
    const response = await this.call(path, options)
    try {
      return await response.json()
    } catch (error) {
      if (options.signal && isAbort(error, options.signal)) throw options.signal.reason
      throw new EngineError('broken', 'What the server answered is not JSON.', { cause: error })
    }
  }
}
