import { tensor } from '@viscpm/core'
import { expect, it } from 'vitest'
import { parsePreviewFactors, previewLatents, sdPreviewFactors } from './preview.js'

it('is a linear map with the middle grey at 0, cut off at black and white', () => {
  const latents = tensor('float32', Float32Array.of(0, 1, -1, 9), [1, 1, 2, 2])
  const [image] = previewLatents(latents, { factors: [[1, 0.5, 0]], bias: [0, 0, 1] })
  expect(image).toMatchObject({ width: 2, height: 2 })
  expect([...image!.data]).toEqual([128, 128, 255, 255, 191, 255, 0, 64, 255, 255, 255, 255])
})

it("knows Stable Diffusion's channels, and asks for factors of others", () => {
  const latents = tensor('float32', Float32Array.of(1, 0, 0, 0), [1, 4, 1, 1])
  expect([...previewLatents(latents)[0]!.data]).toEqual([165, 154, 154])
  expect(() => previewLatents(tensor('float32', new Float32Array(16), [1, 16, 1, 1]))).toThrow(/previewFactors.*16/)
})

it('reads factors from JSON, and names the field that is wrong', () => {
  expect(parsePreviewFactors(JSON.parse(JSON.stringify(sdPreviewFactors)), 4)).toEqual(sdPreviewFactors)
  const json = { factors: [[1, 0.5, 0]], bias: [0, 0, 1] }
  expect(parsePreviewFactors(json, 1)).toEqual(json)
  for (const wrong of [null, [], { factors: [[1, 2]] }, { factors: [[1, 2, 'x']] }])
    expect(() => parsePreviewFactors(wrong, 1)).toThrow(/factors/)
  expect(() => parsePreviewFactors(json, 4)).toThrow(/4 lists/)
  expect(() => parsePreviewFactors({ ...json, bias: [0] }, 1)).toThrow(/bias/)
})
