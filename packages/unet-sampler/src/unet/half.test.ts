import { toFloat32 } from '@viscpm/core'
import { onnxruntimeNode } from '@viscpm/core/node'
import { it } from 'vitest'
import { expectClose } from '../fixtures/compare.js'
import { findGoldens } from '../fixtures/goldens.js'
import { parseUNetConfig } from './config.js'
import { UNet2DConditionModel } from './unet.js'

const file = 'model/diffusion_pytorch_model.safetensors'
const goldens = findGoldens('unet', 'cases.safetensors', 'model/config.json', file)

it.skipIf(!goldens)('gives the recorded noise with products in half, within what half can', async () => {
  const weights = await goldens!.open(file)
  const recorded = await goldens!.open('cases.safetensors')
  const config = parseUNetConfig(goldens!.json('model/config.json'))
  const backend = onnxruntimeNode()
  const unet = await UNet2DConditionModel.load({ weights, config, backend, threads: 1, computeDtype: 'float16' })
  for (const name of recorded.keys().flatMap(key => /^(.+)\/sample$/.exec(key)?.[1] ?? [])) {
    const read = (key: string) => recorded.read(`${name}/${key}`)
    const theirs = await read('out')
    const largest = toFloat32(theirs).reduce((most, v) => Math.max(most, Math.abs(v)), 0)
    const out = await unet.run(await read('sample'), await read('timestep'), await read('encoder_hidden_states'))
    expectClose(out, theirs, 0.02 * largest, name)
  }
  await unet.dispose()
  await weights.close()
  await recorded.close()
})
