import { setTimeout as sleep } from 'node:timers/promises'
import type { EvalPrompt } from '@viscpm/eval'
import type { PaintedOne } from '@viscpm/eval/node'
import { type Job, type JobQueue, type JobResult, type PaintRequest, QueueFullError } from '@viscpm/server'
import type { SchedulerConfig } from '@viscpm/unet-sampler'
import type { Context } from '../../context.js'
import { CommandError } from '../../failures.js'
import { schedulerOf } from '../../options/scheduler.js'
import { namedModel } from '../../options/served-models.js'
import type { EvalPaintOptions } from './options.js'
import { type PictureSource, withheldOne } from './source.js'

/** Jobs that wait or run at once: enough for many workers, and little to take back at Ctrl-C. */
const inFlight = 32
const owner = 'eval'

/** Pictures from the workers of a queue; the model is what they call it. @throws InvalidArgumentError, ConfigError */
export async function queueSource(context: Context, url: string, options: EvalPaintOptions): Promise<PictureSource> {
  const queue = await context.services.openQueue(url)
  const { id: model } = namedModel(options.model, context.t)
  const { candidates = 1, steps, size, negative, preset } = options
  const scheduler = schedulerOf(options, context.t)
  return {
    identity: { model, queue: true },
    concurrency: inFlight,
    dispose: () => queue.close(),
    paint: async ({ text }: EvalPrompt, seed, guidance, signal) => {
      const request: PaintRequest = {
        ...{ kind: 'paint', model, prompt: text, count: 1, candidates, seed: String(seed), previews: false },
        ...(negative !== undefined && { negativePrompt: negative }),
        ...(steps !== undefined && { steps }),
        ...size,
        ...(guidance !== undefined && { guidanceScale: guidance }),
        ...(preset !== undefined && { preset }),
        ...(scheduler && { scheduler: named(scheduler.config) }),
      }
      return paintedBy(await resultOf(await submitted(queue, request, signal), context, signal))
    },
  }
}

/** Which scheduler it is: the worker knows how its model was trained. */
function named({ _class_name, algorithm_type }: SchedulerConfig): SchedulerConfig {
  return { _class_name, ...(algorithm_type !== undefined && { algorithm_type }) }
}

/** Waits while the line is full. */
async function submitted(queue: JobQueue, request: PaintRequest, signal: AbortSignal): Promise<Job> {
  for (;;) {
    signal.throwIfAborted()
    try {
      return await queue.submit(request, { owner })
    } catch (error) {
      if (!(error instanceof QueueFullError)) throw error
      await sleep(error.retryAfter * 1000, undefined, { signal })
    }
  }
}

/** The job's end; Ctrl-C takes it out of the line. */
async function resultOf(job: Job, { t }: Context, signal: AbortSignal): Promise<JobResult> {
  let told = (): void => {}
  const stopped = new Promise<undefined>(resolve => {
    told = () => resolve(undefined)
    signal.addEventListener('abort', told, { once: true })
    if (signal.aborted) told() // while the job was being sent
  })
  const result = job.result()
  // Nobody waits for it after Ctrl-C.
  result.catch(() => {})
  try {
    const found = await Promise.race([result, stopped])
    if (found !== undefined) return found
    await job.cancel().catch(() => {})
    throw signal.reason
  } catch (error) {
    const { code } = Object(error) as { code?: unknown }
    if (code !== 'JOB_FAILED') throw error
    throw new CommandError(t.eval.paint.jobFailed((error as Error).message), t.eval.paint.jobFailedHint)
  } finally {
    signal.removeEventListener('abort', told)
  }
}

function paintedBy(result: JobResult): PaintedOne {
  if (result.kind !== 'paint') throw new Error('a worker answered a painting with something else')
  const { status, safety, candidates, chosen } = result
  if (status === 'blocked') {
    const stage = safety.flagged.at(-1)?.stage
    return { status, ...(stage !== undefined && { reason: stage }) }
  }
  const one = candidates[chosen[0]!]!
  return one.withheld ? withheldOne(one) : { status: 'painted', png: one.png }
}
