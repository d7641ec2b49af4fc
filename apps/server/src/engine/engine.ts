import { InvalidArgumentError } from '@viscpm/core'
import { schedulerNames } from '@viscpm/unet-sampler'
import type { Engine, JobRequest, JobResult, RunOptions } from '../jobs/types.js'
import { HostedModel } from './hosted-model.js'
import { kindsAt } from './kinds.js'
import type { EngineLogger, EngineOptions } from './options.js'

/** A model as clients are told of it. */
export interface EngineModel {
  readonly id: string
  readonly kind: JobRequest['kind']
  readonly languages?: readonly string[]
  /** Side in pixels that it paints by default. */
  readonly size?: number
  readonly sizeStep?: number
  readonly steps?: number
  readonly guidanceScale?: number
  readonly schedulers?: readonly string[]
}

const silent: EngineLogger = { info() {}, warn() {} }

/** Models in processes of their own; see `Engine`. */
export class LocalEngine implements Engine {
  constructor(private readonly hosted: readonly HostedModel[]) {}

  get models(): readonly EngineModel[] {
    return this.hosted.map(({ id, kind, info }) => {
      const { name: _name, ...facts } = info ?? { name: id }
      return { id, kind, ...facts, ...(kind === 'paint' && { schedulers: schedulerNames }) }
    })
  }

  /** Waits until all are loaded. @throws what loading the first of those that cannot be loaded throws */
  async ready(): Promise<void> {
    const all = await Promise.allSettled(this.hosted.map(model => model.ready()))
    for (const one of all) if (one.status === 'rejected') throw one.reason
  }

  async run(request: JobRequest, options: RunOptions): Promise<JobResult> {
    const model = this.hosted.find(({ id, kind }) => id === request.model && kind === request.kind)
    if (!model)
      throw new InvalidArgumentError({
        argument: 'model',
        message: `no model of this name is here for ${request.kind}`,
      })
    return model.run(request, options)
  }

  async dispose(): Promise<void> {
    await Promise.all(this.hosted.map(model => model.dispose()))
  }
}

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/

/**
 * Finds out what the models can do, and prepares a process for each; `ready` waits until they are loaded, the first job too.
 * @throws InvalidArgumentError for ids that are none, or taken; what finding a model throws
 */
export async function openEngine(options: EngineOptions): Promise<LocalEngine> {
  const { models, kinds, safety = { preset: 'strict' }, killAfter = 120_000, logger = silent, ...rest } = options
  const { device, computeDtype, threads, keepHalf, memory } = rest
  const settings = {
    ...(device !== undefined && { device }),
    ...(computeDtype !== undefined && { computeDtype }),
    ...(threads !== undefined && { threads }),
    ...(keepHalf !== undefined && { keepHalf }),
    ...(memory !== undefined && { memory }),
  }
  const hosted: HostedModel[] = []
  for (const { id, where } of models) {
    if (!idPattern.test(id) || id.includes('..'))
      throw new InvalidArgumentError({
        argument: 'models',
        message: `'${id}' cannot be the name of a model`,
        hint: 'Give it one: id=where, of letters, digits and . _ : / -',
      })
    for (const kind of await kindsAt(where)) {
      if (kinds && !kinds.includes(kind)) continue
      if (hosted.some(one => one.id === id && one.kind === kind))
        throw new InvalidArgumentError({ argument: 'models', message: `two models for ${kind} are called '${id}'` })
      hosted.push(new HostedModel({ id, kind, where, settings, safety, killAfter, logger }))
    }
  }
  return new LocalEngine(hosted)
}
