import { expect, it } from 'vitest'
import { weightPlace } from './weight-place.js'

it.each([
  ['llm.encoder.layers.12.self_att.self_attention.project_q.weight', 'llm', 'llm.encoder 12', 'llm project_q'],
  ['llm.encoder.layers.0.ffn.ffn.w_in.w_1.weight', 'llm', 'llm.encoder 0', 'llm w_1'],
  ['vpm.beit3.encoder.layers.3.self_attn.k_proj.A.weight', 'vpm', 'vpm.beit3.encoder 3', 'vpm k_proj.A'],
  ['vpm.beit3.encoder.layers.3.ffn.A.fc1.weight', 'vpm', 'vpm.beit3.encoder 3', 'vpm A.fc1'],
  ['unet.down_blocks.1.resnets.0.conv1.weight', 'unet', 'unet.down_blocks.1 0', 'unet conv1'],
  ['encoder.layers.4.ffn.ffn.w_out.weight', 'encoder', 'encoder 4', 'encoder w_out'],
  ['layers.4.ffn.weight', 'layers', '4', 'layers ffn'],
  ['llm.input_embedding.weight', 'llm', undefined, 'llm.input_embedding'],
  ['mapping.0.weight', 'mapping', undefined, 'mapping.0'],
])('%s', (key, network, layer, kind) => {
  expect(weightPlace(key)).toEqual({ network, kind, ...(layer !== undefined && { layer }) })
})
