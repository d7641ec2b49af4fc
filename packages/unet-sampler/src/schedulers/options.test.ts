import { describe, expect, it } from 'vitest'
import { DDIMScheduler } from './ddim.js'
import { DDPMScheduler } from './ddpm.js'
import { DPMSolverMultistepScheduler } from './dpm-solver-multistep.js'
import { EulerDiscreteScheduler } from './euler-discrete.js'
import { schedulerFromConfig, schedulerNames } from './from-config.js'
import { LMSDiscreteScheduler } from './lms-discrete.js'
import { PNDMScheduler } from './pndm.js'
import { stableDiffusionScheduler } from './stable-diffusion.js'
import { TCDScheduler } from './tcd.js'
import { UniPCMultistepScheduler } from './unipc-multistep.js'

const argumentError = (argument: string, message = '') =>
  expect.objectContaining({ name: 'InvalidArgumentError', argument, message: expect.stringContaining(message) })
const configError = (field: string, message = '') =>
  expect.objectContaining({ name: 'ConfigError', field, message: expect.stringContaining(message) })

describe('options given in code', () => {
  it('are checked by name and by value', () => {
    expect(() => new DDIMScheduler({ stepOffset: 1 } as never)).toThrow(
      argumentError('stepOffset', 'is not an option of DDIMScheduler'),
    )
    expect(() => new DDIMScheduler({ steps_offset: 1 } as never)).toThrow(argumentError('steps_offset'))
    expect(() => new DDIMScheduler({ eta: 2 })).toThrow(argumentError('eta', 'a number from 0 to 1, found 2'))
    expect(() => new DDIMScheduler({ clipSample: 'yes' as never })).toThrow(
      argumentError('clipSample', 'true or false'),
    )
    expect(() => new PNDMScheduler({ predictionType: 'sample' as never })).toThrow(
      argumentError('predictionType', 'one of epsilon, v_prediction'),
    )
    expect(() => new DDIMScheduler({ stepsOffset: -1 })).toThrow(
      argumentError('stepsOffset', 'a whole number from 0 on'),
    )
    expect(() => new DDIMScheduler({ trainedBetas: [2] })).toThrow(argumentError('trainedBetas'))
    expect(() => new UniPCMultistepScheduler({ disableCorrector: [0.5] })).toThrow(argumentError('disableCorrector'))
  })

  it('may be undefined, which is as if they were not there', () => {
    const options = { eta: undefined } as object
    expect(new DDIMScheduler(options).options).toEqual(new DDIMScheduler().options)
  })

  it('stand on Stable Diffusion, VisCPM-Paint for DDPM', () => {
    expect(new EulerDiscreteScheduler().options).toMatchObject({ betaSchedule: 'scaled_linear', betaEnd: 0.012 })
    expect(new DDIMScheduler().options).toMatchObject({ stepsOffset: 1, setAlphaToOne: false, clipSample: false })
    expect(new DDPMScheduler().start({ steps: 50 }).timesteps.slice(0, 2)).toEqual([980, 960])
    expect(new DDPMScheduler({ stepsOffset: 1 }).start({ steps: 50 }).timesteps.slice(0, 2)).toEqual([981, 961])
  })

  it('are copied', () => {
    const trainedBetas = Array.from({ length: 10 }, () => 0.1)
    const scheduler = new DDIMScheduler({ trainedBetas, numTrainTimesteps: 10, stepsOffset: 0 })
    trainedBetas[0] = 0.9
    expect(scheduler.options.trainedBetas?.[0]).toBe(0.1)
    expect(scheduler.config.trained_betas).toEqual(scheduler.options.trainedBetas)
  })
})

describe('a config', () => {
  it('gives what the class knows; the rest is kept for siblings', () => {
    const pndm = PNDMScheduler.fromConfig({ skip_prk_steps: true, use_karras_sigmas: true, anything: 1 })
    expect(pndm.options.skipPrkSteps).toBe(true)
    expect('useKarrasSigmas' in pndm.options).toBe(false)
    const euler = EulerDiscreteScheduler.fromConfig(pndm)
    expect(euler.options.useKarrasSigmas).toBe(true)
    // Its own default, not the spacing that PNDM had by default.
    expect(euler.options.timestepSpacing).toBe('linspace')
    expect(PNDMScheduler.fromConfig(euler.config).options).toEqual(pndm.options)
    expect(euler.config).toEqual({
      _class_name: 'EulerDiscreteScheduler',
      skip_prk_steps: true,
      use_karras_sigmas: true,
      anything: 1,
    })
  })

  it('without a key has the default of diffusers', () => {
    expect(DDIMScheduler.fromConfig({}).options).toEqual({
      numTrainTimesteps: 1000,
      betaStart: 0.0001,
      betaEnd: 0.02,
      betaSchedule: 'linear',
      trainedBetas: null,
      clipSample: true,
      clipSampleRange: 1,
      thresholding: false,
      dynamicThresholdingRatio: 0.995,
      sampleMaxValue: 1,
      timestepSpacing: 'leading',
      stepsOffset: 0,
      predictionType: 'epsilon',
      setAlphaToOne: true,
      rescaleBetasZeroSnr: false,
      eta: 0,
      useClippedModelOutput: false,
    })
  })

  it("may be a scheduler's options, and is overruled by options in code", () => {
    const { options } = new DDIMScheduler({ stepsOffset: 3, predictionType: 'v_prediction' })
    expect(DDPMScheduler.fromConfig(options, { stepsOffset: 0 }).options).toMatchObject({
      stepsOffset: 0,
      predictionType: 'v_prediction',
      betaEnd: 0.012,
    })
  })

  it('of a sibling may say the same in other words', () => {
    expect(
      DPMSolverMultistepScheduler.fromConfig({ solver_type: 'bh2', algorithm_type: 'deis' }).options,
    ).toMatchObject({
      solverType: 'midpoint',
      algorithmType: 'dpmsolver++',
    })
    expect(UniPCMultistepScheduler.fromConfig({ solver_type: 'midpoint' }).options.solverType).toBe('bh2')
    expect(EulerDiscreteScheduler.fromConfig({ prediction_type: 'original_sample' }).options.predictionType).toBe(
      'sample',
    )
  })

  it('is refused where a value is wrong or not supported', () => {
    const config = stableDiffusionScheduler
    expect(() => DDIMScheduler.fromConfig({ ...config, beta_schedule: 'cosine' })).toThrow(
      configError('beta_schedule', '"cosine"'),
    )
    expect(() => DDIMScheduler.fromConfig({ ...config, trained_betas: [0.1] })).toThrow(
      configError('trained_betas', '1 values'),
    )
    expect(() => DDIMScheduler.fromConfig({ ...config, set_alpha_to_one: 1 })).toThrow(configError('set_alpha_to_one'))
    expect(() => EulerDiscreteScheduler.fromConfig({ ...config, use_beta_sigmas: true })).toThrow(
      configError('use_beta_sigmas', 'not supported'),
    )
    expect(() => EulerDiscreteScheduler.fromConfig({ ...config, timestep_type: 'continuous' })).toThrow(
      configError('timestep_type'),
    )
    expect(() => TCDScheduler.fromConfig({ ...config, thresholding: true })).toThrow(configError('thresholding'))
    expect(() => DPMSolverMultistepScheduler.fromConfig({ ...config, algorithm_type: 'dpmsolver' })).toThrow(
      configError('algorithm_type'),
    )
    expect(() => LMSDiscreteScheduler.fromConfig({ use_karras_sigmas: true, use_exponential_sigmas: true })).toThrow(
      configError('use_karras_sigmas'),
    )
    expect(() => UniPCMultistepScheduler.fromConfig({ predict_x0: false })).toThrow(configError('final_sigmas_type'))
    for (const source of [null, [], 'DDIMScheduler'])
      expect(() => DDIMScheduler.fromConfig(source as never)).toThrow(configError('scheduler'))
  })
})

describe('schedulerFromConfig', () => {
  it('chooses by _class_name', () => {
    expect(schedulerFromConfig(stableDiffusionScheduler)).toBeInstanceOf(PNDMScheduler)
    expect(schedulerNames.length).toBe(12)
    for (const name of ['KDPM2DiscreteScheduler', 'toString', undefined, 3])
      expect(() => schedulerFromConfig({ _class_name: name })).toThrow(
        configError('_class_name', 'is no scheduler that is supported'),
      )
    expect(() => schedulerFromConfig(null as never)).toThrow(configError('_class_name'))
  })

  it('reads a file as diffusers 0.15.0 did, which passed over keys it did not know', () => {
    const config = { ...stableDiffusionScheduler, _class_name: 'DDPMScheduler', timestep_spacing: 'trailing' }
    const options = { diffusersVersion: '0.15.0' } as const
    expect(schedulerFromConfig(config, options).start({ steps: 4 }).timesteps).toEqual([750, 500, 250, 0])
    expect(schedulerFromConfig(config).start({ steps: 4 }).timesteps).toEqual([999, 749, 499, 249])
    expect(() => schedulerFromConfig({ ...config, _class_name: 'LCMScheduler' }, options)).toThrow(
      configError('_class_name', 'diffusers 0.15.0 had'),
    )
  })
})

it('epsilon is refused where no signal is left', () => {
  const options = { rescaleBetasZeroSnr: true, timestepSpacing: 'trailing' } as const
  expect(() => new DDPMScheduler(options).start({ steps: 5 })).toThrow(argumentError('predictionType'))
  expect(new DDPMScheduler({ ...options, predictionType: 'v_prediction' }).start({ steps: 5 }).timesteps[0]).toBe(999)
})

it('noise that a step needs must be given', () => {
  const run = new DDPMScheduler().start({ steps: 5 })
  const sample = { dtype: 'float32', shape: [1, 1], data: new Float32Array(1) } as const
  expect(() => run.step({ modelOutput: sample, sample, timestep: 800 })).toThrow(argumentError('noise', 'is needed'))
  expect(run.stepsTaken).toBe(0)
})
