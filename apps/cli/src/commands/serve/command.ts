import { spawn } from 'node:child_process'
import type { MemoryOption } from '@viscpm/core/cost'
import type { RateLimits, RunningServer, StartServerOptions } from '@viscpm/server'
import type { Context, GlobalOptions } from '../../context.js'
import { ending } from '../../ending.js'
import { exitCodes } from '../../exit-codes.js'
import { CommandError } from '../../failures.js'
import type { Messages } from '../../messages/index.js'
import { type DeviceOptions, deviceOptions } from '../../options/device.js'
import type { SafetyOptions } from '../../options/safety.js'
import { namedModel } from '../../options/served-models.js'
import { stagesOf } from '../../safety/coverage.js'
import { safetySetup } from '../../safety/from-options.js'
import { oneLine } from '../../terminal/printable.js'

export interface ServeOptions extends GlobalOptions, DeviceOptions, SafetyOptions {
  readonly host: string
  readonly port: number
  readonly model?: readonly string[]
  readonly queue?: string
  readonly apiKeyFile?: string
  readonly allowRemoteImages?: boolean
  readonly allowHost?: readonly string[]
  readonly allowOrigin?: readonly string[]
  readonly maxQueue?: number
  readonly rateLimit?: RateLimits
  readonly open?: boolean
  readonly memory?: MemoryOption
  readonly keepHalf?: boolean
}

/** What the command line asks for, as the server takes it. @throws UsageError */
export function serverOptions(options: ServeOptions, t: Messages): StartServerOptions {
  const { host, port, model, apiKeyFile, allowHost, allowOrigin, maxQueue, threads, memory, keepHalf, queue } = options
  const { rateLimit } = options
  return {
    host,
    port,
    ...deviceOptions(options),
    safety: safetySetup(options, [...stagesOf.chat, ...stagesOf.paint], t),
    log: options.quiet ? 'warn' : options.verbose ? 'debug' : 'info',
    ...(model && { models: model.map(given => namedModel(given, t)) }),
    ...(queue !== undefined && { queue }),
    ...(apiKeyFile !== undefined && { apiKeyFile }),
    ...(allowHost && { allowedHosts: allowHost }),
    ...(allowOrigin && { allowedOrigins: allowOrigin }),
    ...(options.allowRemoteImages && { remoteImages: true }),
    ...(maxQueue !== undefined && { maxQueued: maxQueue }),
    ...(rateLimit && { rateLimit }),
    ...(threads !== undefined && { threads }),
    ...(memory !== undefined && { memory }),
    ...(keepHalf !== undefined && { keepHalf }),
  }
}

/** `viscpm serve`: until Ctrl-C or SIGTERM. @returns 0 */
export async function serve(context: Context, options: ServeOptions): Promise<number> {
  const { io, t, services } = context
  const say = (text: string) => void (options.quiet || io.stderr.write(`${oneLine(text)}\n`))
  const ended = ending(io, 1)
  let server: RunningServer
  try {
    server = await services.startServer(serverOptions(options, t))
  } catch (error) {
    ended.release()
    throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      ? new CommandError(t.serve.portTaken(options.port), t.serve.portTakenHint, error)
      : error
  }
  try {
    io.stdout.write(`${server.hasPage ? t.serve.page(server.url) : t.serve.api(server.url)}\n`)
    say(server.queue === undefined ? t.serve.loading : t.serve.queued(server.queue))
    if (options.open && server.hasPage) openInBrowser(server.url)
    const failed = server.ready.then(() => {
      say(t.serve.ready((options.model ?? ['tiny']).join(', ')))
      return ended.first
    })
    await Promise.race([failed, ended.first])
    say(t.serve.stopping)
    await server.close()
    say(t.serve.stopped)
    return exitCodes.ok
  } finally {
    ended.release()
    await server.close()
  }
}

/** The page in the user's browser, where there is one: the address was said anyway. */
function openInBrowser(url: string): void {
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['cmd', ['/c', 'start', '', url]]
        : ['xdg-open', [url]]
  const child = spawn(command as string, args as string[], { stdio: 'ignore', detached: true })
  child.once('error', () => {})
  child.unref()
}
