import type { Schema } from './option-specs.js'
import { type Refused, resolveOptions } from './options.js'
import { checkSigmaOptions, type SigmaOptions } from './sigmas.js'
import { checkStart } from './start.js'
import { alphasCumprod } from './training.js'
import type { TrainingOptions, ZeroSnrOptions } from './training-options.js'
import type { Scheduler, SchedulerConfig, SchedulerRun, SchedulerSource, StartOptions } from './types.js'

/** What all schedulers have alike: options, config, the table of the training. Frozen. */
export abstract class SchedulerBase<O extends TrainingOptions & Partial<ZeroSnrOptions & SigmaOptions>>
  implements Scheduler<O>
{
  readonly options: Readonly<O>
  readonly config: SchedulerConfig
  /** Signal left at each training step, float32. */
  protected readonly alphas: Float32Array

  constructor(
    readonly name: string,
    schema: Schema<O>,
    given: Partial<O>,
    source: SchedulerSource,
    refused?: Refused,
  ) {
    const { options, config } = resolveOptions(name, schema, given, source, refused)
    checkSigmaOptions(options.useKarrasSigmas, options.useExponentialSigmas)
    this.options = options
    this.config = config
    this.alphas = alphasCumprod(options, options.rescaleBetasZeroSnr)
    Object.freeze(this)
  }

  start(request: StartOptions): SchedulerRun {
    checkStart(request, this.options.numTrainTimesteps)
    return this.begin(request)
  }

  protected abstract begin(request: StartOptions): SchedulerRun
}
