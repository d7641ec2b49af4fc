import { InvalidArgumentError } from '../errors.js'
import type { Logger } from '../logger.js'
import { HostedStream } from './hosted-stream.js'
import type { Channel, FromHost, ToHost } from './messages.js'
import { transferred } from './transfer.js'
import type { HostContext } from './types.js'
import { fromWire, toWire } from './wire-error.js'

type Method = (...args: unknown[]) => unknown

interface Run {
  readonly controller: AbortController
  /** Never rejects. */
  readonly settled: Promise<void>
  readonly stream?: HostedStream
}

/** What the runtime around the hosted side provides. */
export interface HostedRuntime {
  importModule(url: string): Promise<Record<string, unknown>>
  /** Ends the thread or process. */
  exit(): void
}

/** The hosted side: loads one object and runs its methods as messages ask for it. */
export function serveHost(channel: Channel<ToHost, FromHost>, runtime: HostedRuntime): void {
  const runs = new Map<number, Run>()
  let target: Record<string, unknown> | undefined

  const log =
    (level: keyof Logger) =>
    (message: string, fields?: Record<string, unknown>): void => {
      try {
        channel.send({ kind: 'log', level, message, ...(fields && { fields }) }, [])
      } catch {
        channel.send({ kind: 'log', level, message }, []) // fields that cannot be copied are not worth an error
      }
    }
  const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }

  function sendValue(kind: 'result' | 'item' | 'end', id: number, what: string, value: unknown): void {
    try {
      channel.send({ kind, id, value }, transferred([value]))
    } catch (cause) {
      throw new InvalidArgumentError({
        argument: what,
        message: `its result cannot be sent to the caller: ${(cause as Error).message}`,
        hint: 'Return plain data: no functions, no class instances.',
        cause,
      })
    }
  }

  function method(name: string): Method {
    const found = target?.[name]
    if (typeof found !== 'function')
      throw new InvalidArgumentError({ argument: 'method', message: `the hosted object has no method '${name}'` })
    return found.bind(target) as Method
  }

  async function load(message: Extract<ToHost, { kind: 'load' }>, context: HostContext): Promise<void> {
    const module = await runtime.importModule(message.module).catch(cause => {
      const detail = cause instanceof Error ? cause.message : String(cause)
      throw new InvalidArgumentError({ argument: 'module', message: `cannot be loaded: ${detail}`, cause })
    })
    const factory = module[message.export]
    if (typeof factory !== 'function')
      throw new InvalidArgumentError({
        argument: 'export',
        message: `the module exports no function '${message.export}'`,
        hint: `It exports: ${Object.keys(module).join(', ') || 'nothing'}.`,
      })
    target = (await factory(...message.args, context)) as Record<string, unknown>
    if (typeof target !== 'object' || target === null)
      throw new InvalidArgumentError({ argument: 'export', message: `'${message.export}' did not return an object` })
  }

  async function settle(id: number, signal: AbortSignal, work: (context: HostContext) => Promise<void>): Promise<void> {
    const onProgress: HostContext['onProgress'] = progress => channel.send({ kind: 'progress', id, progress }, [])
    await undefined // so that the run is registered before it can end
    try {
      await work({ signal, onProgress, logger })
    } catch (error) {
      const aborted = signal.aborted && (error === signal.reason || (error as Error)?.name === 'AbortError')
      channel.send({ kind: 'error', id, error: toWire(error), aborted }, [])
    } finally {
      runs.delete(id)
    }
  }

  function start(id: number, work: (context: HostContext) => Promise<void>): void {
    const controller = new AbortController()
    runs.set(id, { controller, settled: settle(id, controller.signal, work) })
  }

  function startStream({ id, method: name, args, ahead }: Extract<ToHost, { kind: 'stream' }>): void {
    const controller = new AbortController()
    const stream = new HostedStream(ahead, controller)
    const settled = settle(id, controller.signal, context =>
      stream.run(
        name,
        () => method(name)(...args, context),
        (kind, value) => sendValue(kind, id, name, value),
      ),
    )
    runs.set(id, { controller, settled, stream })
  }

  async function dispose(): Promise<void> {
    while (runs.size > 0) await Promise.all([...runs.values()].map(run => run.settled))
    try {
      if (typeof target?.dispose === 'function') await target.dispose()
    } catch (error) {
      log('error')(`dispose() of the hosted object failed: ${String(error)}`)
    }
    runtime.exit()
  }

  channel.receive(message => {
    switch (message.kind) {
      case 'load':
        return start(message.id, async context => {
          await load(message, context)
          sendValue('result', message.id, 'export', undefined)
        })
      case 'call':
        return start(message.id, async context => {
          const value = await method(message.method)(...message.args, context)
          sendValue('result', message.id, message.method, value)
        })
      case 'stream':
        return startStream(message)
      case 'more':
        return runs.get(message.id)?.stream?.more()
      case 'return':
        return runs.get(message.id)?.stream?.leave()
      case 'abort':
        return runs.get(message.id)?.controller.abort(fromWire(message.reason))
      case 'dispose':
        void dispose()
    }
  })
}
