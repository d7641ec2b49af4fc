import { schedulerNames as classNames, DDPMScheduler, stableDiffusionScheduler } from '@viscpm/unet-sampler'
import { describe, expect, it } from 'vitest'
import { messagesOf } from '../messages/index.js'
import { schedulerOf } from './scheduler.js'
import { schedulerNamed, schedulerNames } from './scheduler-names.js'

const t = messagesOf('en')

describe('schedulers by name', () => {
  it('are all there are', () => {
    const found = schedulerNames.map(scheduler => schedulerOf({ scheduler }, t)!.name)
    expect([...new Set(found)].sort()).toEqual([...classNames].sort())
  })

  it.each([
    ['euler-a', 'euler-ancestral'],
    ['DPMPP-2M', 'dpm-solver++'],
    ['dpm++-2m-sde', 'dpmpp-sde'],
  ])('%s is %s', (given, expected) => {
    expect(schedulerNamed(given)).toBe(expected)
  })

  it.each(classNames)('%s is known', given => {
    expect(schedulerOf({ scheduler: schedulerNamed(given)! }, t)!.name).toBe(given)
  })

  it.each(['', 'eulr', 'toString'])('%j is not', given => {
    expect(schedulerNamed(given)).toBeUndefined()
  })

  it('is none, the model keeps its own, unless something is asked for', () => {
    expect(schedulerOf({}, t)).toBeUndefined()
  })

  it("takes the model's training, and for ddpm does what upstream did with it", () => {
    const source = { ...stableDiffusionScheduler, beta_start: 0.001 }
    expect(schedulerOf({ scheduler: 'euler' }, t, source)?.options).toMatchObject({ betaStart: 0.001 })
    expect(schedulerOf({ scheduler: 'ddpm' }, t, source)).toEqual(
      DDPMScheduler.fromConfig(source, DDPMScheduler.diffusers015),
    )
    expect(schedulerOf({ scheduler: 'ddpm' }, t)!.start({ steps: 50 }).timesteps).toEqual(
      new DDPMScheduler().start({ steps: 50 }).timesteps,
    )
    expect(schedulerOf({ scheduler: 'dpmpp-sde' }, t)?.options).toMatchObject({ algorithmType: 'sde-dpmsolver++' })
  })

  it('takes Karras levels where it has them', () => {
    expect(schedulerOf({ scheduler: 'dpm-solver++', karras: true }, t)?.options).toMatchObject({
      useKarrasSigmas: true,
    })
    for (const options of [{ scheduler: 'ddim', karras: true } as const, { karras: true }])
      expect(() => schedulerOf(options, t)).toThrow(/--karras cannot be used with the scheduler dd[ip]m/)
  })
})
