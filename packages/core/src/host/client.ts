import { DisposedError, HostCrashedError, InvalidArgumentError } from '../errors.js'
import type { OnProgress, TaskOptions } from '../progress.js'
import type { FromHost, HostTransport, ToHost } from './messages.js'
import { RemoteStream } from './remote-stream.js'
import { transferred } from './transfer.js'
import type { DisposeOptions, Host, Hosted, HostOptions, StreamOptions } from './types.js'
import { fromWire, toWire } from './wire-error.js'

type Answer = Extract<FromHost, { kind: 'result' | 'item' | 'end' }>

/** One load, call or stream that the hosted side has not finished. */
interface Exchange {
  readonly signal: AbortSignal | undefined
  readonly onProgress: OnProgress | undefined
  answer(message: Answer): void
  fail(error: unknown): void
  /** Why it was aborted from here, other than by its signal. */
  abortReason?: unknown
  stopListening(): void
}

/** The caller's side of a host: matches answers to exchanges. */
export class HostClient implements Host<Hosted> {
  private readonly exchanges = new Map<number, Exchange>()
  private lastId = 0
  private disposing = false
  /** Why nothing can be called any more. */
  private closed: Error | undefined

  constructor(
    private readonly transport: HostTransport,
    private readonly options: HostOptions,
  ) {
    transport.receive(message => this.receive(message))
    void transport.exited.then(({ reason, cause }) => {
      this.closed ??= this.disposing ? disposed() : new HostCrashedError({ message: `the host ${reason}`, cause })
      this.failAll(this.closed)
    })
  }

  /** Makes the hosted object. */
  async load(module: string): Promise<void> {
    const { export: name = 'default', args = [], signal } = this.options
    // A process can be ended in the middle of loading; a thread must come to the point where it looks at its signal.
    const kill = () => this.transport.kill?.()
    signal?.addEventListener('abort', kill, { once: true })
    try {
      await this.request(id => ({ kind: 'load', id, module, export: name, args }), args, this.options)
      signal?.throwIfAborted()
    } catch (error) {
      await this.dispose()
      throw signal?.aborted ? signal.reason : error
    } finally {
      signal?.removeEventListener('abort', kill)
    }
  }

  async call(method: string, args: readonly unknown[], options: TaskOptions = {}): Promise<never> {
    return (await this.request(id => ({ kind: 'call', id, method, args }), args, options)) as never
  }

  stream(method: string, args: readonly unknown[], options: StreamOptions = {}): AsyncIterableIterator<never> {
    const { ahead = 16, signal } = options
    if (!Number.isSafeInteger(ahead) || ahead < 1)
      throw new InvalidArgumentError({ argument: 'ahead', message: `must be a whole number from 1 on, not ${ahead}` })
    const stream = new RemoteStream({
      signal,
      start: () => {
        const handlers = {
          answer: ({ kind, value }: Answer) => (kind === 'item' ? stream.push(value) : stream.end(value)),
          fail: (error: unknown) => stream.fail(error),
        }
        const id = this.begin(id => ({ kind: 'stream', id, method, args, ahead }), args, options, handlers)
        return {
          more: () => this.sendQuietly({ kind: 'more', id }),
          leave: () => this.sendQuietly({ kind: 'return', id }),
        }
      },
    })
    return stream as AsyncIterableIterator<never>
  }

  async dispose({ force = false }: DisposeOptions = {}): Promise<void> {
    const { transport } = this
    if (force && !transport.kill)
      throw new InvalidArgumentError({
        argument: 'force',
        message: 'a worker thread cannot be ended in the middle of a native run without ending the whole process',
        hint: "Use kind: 'process' where that is needed, or dispose without force.",
      })
    if (!this.disposing && !this.closed) {
      this.disposing = true
      transport.setBusy(true)
      for (const id of this.exchanges.keys()) this.abort(id, disposed())
      this.sendQuietly({ kind: 'dispose' })
    }
    if (force) transport.kill?.()
    await transport.exited
  }

  private request(message: (id: number) => ToHost, args: readonly unknown[], options: TaskOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.begin(message, args, options, { answer: ({ value }) => resolve(value), fail: reject })
    })
  }

  private begin(
    message: (id: number) => ToHost,
    args: readonly unknown[],
    { signal, onProgress }: TaskOptions,
    handlers: Pick<Exchange, 'answer' | 'fail'>,
  ): number {
    signal?.throwIfAborted()
    if (this.closed) throw this.closed
    if (this.disposing) throw disposed()
    const id = ++this.lastId
    try {
      this.transport.send(message(id), transferred([args, ...args]))
    } catch (cause) {
      throw new InvalidArgumentError({
        argument: 'args',
        message: `cannot be sent to the host: ${(cause as Error).message}`,
        hint: 'Only plain data can be sent: no functions, no class instances.',
        cause,
      })
    }
    const onAbort = () => this.abort(id, signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    const stopListening = () => signal?.removeEventListener('abort', onAbort)
    this.exchanges.set(id, { signal, onProgress, stopListening, ...handlers })
    this.transport.setBusy(true)
    return id
  }

  private abort(id: number, reason: unknown): void {
    const exchange = this.exchanges.get(id)
    if (!exchange || 'abortReason' in exchange) return
    exchange.abortReason = reason
    this.sendQuietly({ kind: 'abort', id, reason: toWire(reason) })
  }

  private receive(message: FromHost): void {
    if (message.kind === 'log') {
      this.options.logger?.[message.level](message.message, message.fields)
      return
    }
    const { id } = message
    const exchange = this.exchanges.get(id)
    if (!exchange) return
    if (message.kind === 'progress')
      try {
        exchange.onProgress?.(message.progress)
      } catch (error) {
        this.abort(id, error) // as if the method itself had called it
      }
    else if (message.kind === 'item') exchange.answer(message)
    else {
      this.finish(id, exchange)
      if (message.kind !== 'error') exchange.answer(message)
      else exchange.fail(message.aborted && 'abortReason' in exchange ? exchange.abortReason : fromWire(message.error))
    }
  }

  private finish(id: number, exchange: Exchange): void {
    this.exchanges.delete(id)
    exchange.stopListening()
    if (this.exchanges.size === 0 && !this.disposing) this.transport.setBusy(false)
  }

  private failAll(error: Error): void {
    for (const [id, exchange] of [...this.exchanges]) {
      this.finish(id, exchange)
      exchange.fail(error)
    }
  }

  /** For messages that always can be copied; when the other side is gone, `exited` tells it. */
  private sendQuietly(message: ToHost): void {
    this.transport.send(message, [])
  }
}

function disposed(): DisposedError {
  return new DisposedError({ message: 'the host was disposed', hint: 'Create a new one.' })
}
