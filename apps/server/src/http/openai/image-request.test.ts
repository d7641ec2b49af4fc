import { expect, it } from 'vitest'
import { paintRequest } from './image-request.js'

it('takes a scheduler by its name or its config, but none that would fill the memory', () => {
  const of = (scheduler: string | Readonly<Record<string, unknown>>) =>
    paintRequest({ prompt: 'a cat', scheduler }, 'tiny', false).scheduler
  expect(of('DDIMScheduler')).toEqual({ _class_name: 'DDIMScheduler' })
  const config = { _class_name: 'DDIMScheduler', num_train_timesteps: 1000 }
  expect(of(config)).toEqual(config)
  const huge = { ...config, num_train_timesteps: 1e9 }
  expect(() => of(huge)).toThrow(expect.objectContaining({ status: 400, code: 'invalid_request' }))
})
