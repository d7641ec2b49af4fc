import * as runtime from 'onnxruntime-node'
import { expect, it } from 'vitest'
import { GraphBuilder } from '../graph/index.js'
import { requireProviders } from '../node/providers.js'
import { tryOperator } from './device-samples.js'
import { planProviders } from './providers.js'

type Ort = typeof import('onnxruntime-node')

/** The CPU under the name of another device, which spoils or refuses graphs with some operator. */
function pretended({ wrong, refused }: { wrong?: string; refused?: string }): Ort {
  const create = async (model: Uint8Array, options: runtime.InferenceSession.SessionOptions) => {
    const onDevice = options.executionProviders?.[0] === 'dml'
    const has = (operator: string | undefined) =>
      operator !== undefined && new TextDecoder('latin1').decode(model).includes(operator)
    if (onDevice && has(refused)) throw new Error(`no kernel for ${refused}`)
    const session = await runtime.InferenceSession.create(model, { logSeverityLevel: 3 })
    return {
      run: async (feeds: runtime.InferenceSession.OnnxValueMapType) => {
        const { y } = await session.run(feeds)
        if (onDevice && has(wrong)) (y!.data as Float32Array)[5]! *= 1.5
        return { y }
      },
      release: () => session.release(),
    }
  }
  return {
    Tensor: runtime.Tensor,
    listSupportedBackends: () => [{ name: 'cpu' }, { name: 'dml' }],
    InferenceSession: { create },
  } as never
}

const operators = [
  'MatMul',
  'half',
  'Gemm',
  'Conv',
  'QuantizeLinear',
  'com.microsoft.FusedMatMul',
  'com.microsoft.MultiHeadAttention',
  'com.microsoft.MatMulNBits',
]

it.each(operators)('%s is taken from a device that computes it, and not from one that is wrong', async operator => {
  await tryOperator(pretended({}), 'dml', operator)
  const type = operator === 'half' ? 'MatMul' : operator.replace('com.microsoft.', '')
  await expect(tryOperator(pretended({ wrong: type }), 'dml', operator)).rejects.toThrow(/dml computes .* wrongly/)
  await expect(tryOperator(pretended({ refused: type }), 'dml', operator)).rejects.toThrow(/no kernel/)
})

async function attention() {
  const g = new GraphBuilder('attention')
  const x = g.input('x', 'float32', [1, 4, 8])
  g.output('y', g.attention(x, g.fusedMatmul(x, x, { transB: false }), x, { heads: 2, scale: 1 }), 'float32', [1, 4, 8])
  return g.finish()
}

it('writes graphs with the operators that the device computes rightly', async () => {
  const plan = planProviders({ device: 'dml' }, 'cpu')
  const form = (ort: Ort) => attention().then(graph => requireProviders(ort, plan, graph, {}))
  expect(await form(pretended({}))).toMatchObject({ fusedAttention: true, fusedMatMul: true, halves: true })
  expect(await form(pretended({ wrong: 'MultiHeadAttention' }))).toMatchObject({
    fusedAttention: false,
    fusedMatMul: true,
  })
  expect(await form(pretended({ refused: 'FusedMatMul' }))).toMatchObject({ fusedAttention: true, fusedMatMul: false })
})

it('refuses half precision, and graphs without a product, where the device has not got them', async () => {
  const graph = await attention()
  const half = planProviders({ device: 'dml', computeDtype: 'float16' }, 'cpu')
  await expect(requireProviders(pretended({ wrong: 'Cast' }), half, graph, {})).rejects.toMatchObject({
    code: 'SESSION',
    message: expect.stringMatching(/attention: .*dml does not compute in half/),
  })
  const products = new GraphBuilder('convolutions')
  const x = products.input('x', 'float32', [1, 1, 3, 3])
  const options = { kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0] }
  products.output('y', products.conv2d(x, x, undefined, options), 'float32', [1, 1, 3, 3])
  await expect(
    requireProviders(
      pretended({ refused: 'Conv' }),
      planProviders({ device: 'dml' }, 'cpu'),
      await products.finish(),
      {},
    ),
  ).rejects.toMatchObject({
    code: 'SESSION',
    message: expect.stringMatching(/convolutions: .*dml computes none.*Conv/),
  })
})
