import { expect, it } from 'vitest'
import { parsePaintDefaults } from './defaults.js'

it("reads a model's own defaults, and names the field that is wrong", () => {
  expect(parsePaintDefaults({})).toEqual({})
  expect(parsePaintDefaults({ num_inference_steps: 20, guidance_scale: 4.5 })).toEqual({
    steps: 20,
    guidanceScale: 4.5,
  })
  for (const [json, field] of [
    [{ num_inference_steps: 0 }, 'num_inference_steps'],
    [{ num_inference_steps: 2.5 }, 'num_inference_steps'],
    [{ guidance_scale: '4' }, 'guidance_scale'],
    [{ guidance: 4 }, 'guidance'],
    [[], 'generation_config.json'],
    [null, 'generation_config.json'],
  ] as const)
    expect(() => parsePaintDefaults(json)).toThrow(expect.objectContaining({ code: 'CONFIG', field }))
})
