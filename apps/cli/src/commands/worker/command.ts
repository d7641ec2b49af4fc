import type { MemoryOption } from '@viscpm/core/cost'
import type { ModelWorker, ModelWorkerOptions } from '@viscpm/server'
import type { Context, GlobalOptions } from '../../context.js'
import { ending } from '../../ending.js'
import { exitCodes } from '../../exit-codes.js'
import { UsageError } from '../../failures.js'
import { type DeviceOptions, deviceOptions } from '../../options/device.js'
import type { SafetyOptions } from '../../options/safety.js'
import type { NamedModel } from '../../options/served-models.js'
import { stagesOf } from '../../safety/coverage.js'
import { safetySetup } from '../../safety/from-options.js'
import { colorsFor } from '../../terminal/colors.js'
import { oneLine } from '../../terminal/printable.js'

export interface WorkerCommandOptions extends GlobalOptions, DeviceOptions, SafetyOptions {
  readonly queue?: string
  readonly model?: readonly NamedModel[]
  readonly only?: 'chat' | 'paint'
  readonly concurrency?: number
  readonly name?: string
  readonly drain?: number
  readonly memory?: MemoryOption
  readonly keepHalf?: boolean
  readonly json?: boolean
}

/** `viscpm worker`: computes jobs until it is told to end, by Ctrl-C or SIGTERM. @returns 0 */
export async function worker(context: Context, options: WorkerCommandOptions): Promise<number> {
  const { io, t, services } = context
  const request = workerRequest(context, options)
  const say = (text: string): void => {
    if (!options.quiet) io.stderr.write(`${text}\n`)
  }
  const told = ending(io, 2)
  try {
    say(`${t.worker.loading} ${request.models.map(({ id }) => oneLine(id)).join(', ')} ...`)
    const loading = services.startModelWorker(request)
    const running = await Promise.race([loading, told.first])
    if (running === 'end') {
      // Loading cannot be stopped: what it brings is ended as soon as it is there.
      loading.then(worker => worker.close({ drain: 0 })).catch(() => {})
      return exitCodes.ok
    }
    if (options.json) io.stdout.write(`${JSON.stringify(facts(running))}\n`)
    for (const line of lines(context, running)) say(line)
    const { drain = 30 } = options
    await told.first
    say(t.worker.draining(running.running, drain))
    const closed = running.close({ drain: drain * 1000 })
    void told.second.then(() => running.close({ drain: 0 }))
    await closed
    say(t.worker.stopped)
    return exitCodes.ok
  } finally {
    told.release()
  }
}

function workerRequest({ io, t }: Context, options: WorkerCommandOptions): ModelWorkerOptions {
  const queue = options.queue ?? io.env.VISCPM_QUEUE
  if (queue === undefined || queue === '') throw new UsageError(t.worker.queueNeeded, t.worker.queueNeededHint)
  const { model = [{ id: 'tiny', where: 'tiny' }], only, concurrency, name, threads, memory, keepHalf } = options
  const passed = only ? stagesOf[only] : [...stagesOf.chat, ...stagesOf.paint]
  const colors = colorsFor(io.stderr, io.env)
  const note = (message: string, fields: Record<string, unknown> = {}): void => {
    io.stderr.write(`${colors.dim(oneLine(`${message} ${JSON.stringify(fields)}`))}\n`)
  }
  return {
    queue,
    models: model,
    safety: safetySetup(options, passed, t),
    logger: { debug() {}, info: options.verbose ? note : () => {}, warn: note, error: note },
    ...deviceOptions(options),
    ...(only !== undefined && { only }),
    ...(concurrency !== undefined && { concurrency }),
    ...(name !== undefined && { name }),
    ...(threads !== undefined && { threads }),
    ...(memory !== undefined && { memory }),
    ...(keepHalf !== undefined && { keepHalf }),
  }
}

function facts({ name, queue, models, concurrency, threads }: ModelWorker): Record<string, unknown> {
  return { name, queue, models: models.map(({ id, kind }) => ({ id, kind })), concurrency, threads }
}

function* lines({ t }: Context, { name, queue, models, concurrency, threads }: ModelWorker): Generator<string> {
  for (const id of new Set(models.map(one => one.id))) {
    const kinds = models.filter(one => one.id === id).map(({ kind }) => t.worker.kinds[kind])
    yield t.worker.serves(oneLine(id), kinds.join(', '), concurrency, threads)
  }
  yield t.worker.ready(oneLine(name), queue)
}
