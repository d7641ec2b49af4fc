import { onnxruntimeNode } from '@viscpm/core/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { floats, loadRecorded, openRecorded, recordedForward, worst } from './fixtures/recorded.js'
import type { CpmBeeModel } from './model.js'

let half: CpmBeeModel
beforeAll(async () => {
  half = await loadRecorded({ computeDtype: 'float16' })
})
afterAll(() => half.dispose())

it('gives the recorded states and logits with products in half, within what half can', async () => {
  const recorded = await openRecorded('forward')
  const out = await half.forward(await recordedForward(recorded), ['hidden_states', 'logits'])
  for (const name of ['hidden_states', 'logits']) {
    const theirs = await floats(recorded, `out.${name}`)
    const largest = Math.max(...theirs.map(Math.abs))
    expect(worst(out[name]!.data as Float32Array, theirs), name).toBeLessThan(0.02 * largest)
  }
  await recorded.close()
})

it('takes half weights as they lie in their file', async () => {
  const text = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes)
  const found: string[] = []
  const backend = onnxruntimeNode()
  const model = await loadRecorded({
    backend: {
      name: 'looking',
      createSession: async (graph, options) => {
        const form = { fusedMatMul: true, fusedAttention: true, roundedActivations: true, halves: true }
        for (const computeDtype of ['float32', 'float16'] as const)
          found.push(text(graph.toOnnx(() => ({ bytes: new Uint8Array(0) }), { ...form, computeDtype })))
        return backend.createSession(graph, options)
      },
    },
  })
  await model.dispose()
  const [wide, narrow] = found as [string, string]
  expect(wide).toContain('project_q.weight.float32')
  expect(narrow).not.toContain('project_q.weight.float32')
  expect(narrow).toContain('output_layernorm.weight.float32') // norms stay wide
})
