import { numel } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { findGoldens } from '../fixtures/goldens.js'
import { type KeyList, keysOnly, shapesOf } from '../fixtures/weights.js'
import { parseVaeConfig, sdVaeConfig } from './config.js'
import { VaeDecoderNetwork } from './decoder.js'
import { VaeEncoderNetwork } from './encoder.js'
import { buildVaeGraph } from './graph.js'
import { newAttentionKey } from './keys.js'

it("Stable Diffusion's VAE has 248 tensors of 83,653,863 parameters", () => {
  const parts = [new VaeEncoderNetwork(sdVaeConfig), new VaeDecoderNetwork(sdVaeConfig)]
  const parameters = parts.flatMap(part => [...part.namedParameters().values()])
  expect(parameters).toHaveLength(248)
  expect(parameters.reduce((sum, { shape }) => sum + numel(shape), 0)).toBe(83_653_863)
})

const goldens = findGoldens(
  'full-size',
  ...['vae_old_keys', 'vae_new_keys'].flatMap(name => [`${name}/keys.json`, `${name}/config.json`]),
)
describe.skipIf(!goldens).each(['vae_old_keys', 'vae_new_keys'])('%s', name => {
  const shapes = () => new Map(shapesOf(goldens!.json(`${name}/keys.json`) as KeyList))
  const build = (part: 'encoder' | 'decoder', changed = shapes()) =>
    buildVaeGraph(part, { weights: keysOnly(changed), config: sdVaeConfig })

  it('has the sizes that are part of this package', () => {
    expect(parseVaeConfig(goldens!.json(`${name}/config.json`))).toEqual(sdVaeConfig)
  })

  it('every key is used by one part and left to it by the other, no weight is read', async () => {
    const [encoder, decoder] = await Promise.all([build('encoder'), build('decoder')])
    const [ofEncoder, ofDecoder] = [encoder, decoder].map(({ graph }) => graph.initializers.map(i => i.name).sort())
    const keys = [...shapes().keys()].map(newAttentionKey).sort()
    expect([...ofEncoder!, ...ofDecoder!].sort()).toEqual(keys)
    expect(encoder.ignored.map(i => i.key).sort()).toEqual(ofDecoder)
    expect(decoder.ignored.map(i => i.key).sort()).toEqual(ofEncoder)
    expect(encoder.ignored.every(({ reason }) => reason.includes('decoder'))).toBe(true)
  })

  it('names a key that is missing, unknown or misshapen', async () => {
    const key = 'decoder.mid_block.attentions.0.to_out.0.weight'
    const stored = name === 'vae_old_keys' ? 'decoder.mid_block.attentions.0.proj_attn.weight' : key
    const changed = (change: (shapes: Map<string, readonly number[]>) => unknown) => {
      const copy = shapes()
      change(copy)
      return build('decoder', copy)
    }
    await expect(changed(copy => copy.delete(stored))).rejects.toMatchObject({ code: 'MISSING_KEY', keys: [key] })
    await expect(changed(copy => copy.set('extra', [1]))).rejects.toMatchObject({
      code: 'UNEXPECTED_KEY',
      keys: ['extra'],
    })
    await expect(changed(copy => copy.set(stored, [512, 256]))).rejects.toMatchObject({ code: 'WRONG_SHAPE', key })
    await expect(changed(copy => copy.set(stored, [512, 512, 3, 3]))).rejects.toMatchObject({ code: 'WRONG_SHAPE' })
    await expect(changed(copy => copy.set(stored, [512, 512, 1, 1]))).resolves.toHaveProperty('graph')
  })
})
