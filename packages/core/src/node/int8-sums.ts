import { GraphBuilder } from '../graph/builder.js'
import type { Graph } from '../graph/graph.js'
import { type OrtRuntime, OrtSession } from '../session/ort-session.js'
import { tensor } from '../tensor.js'

const [rows, depth, columns] = [4, 64, 32]
const [largestInput, largestWeight] = [255, 127]

/** MatMulInteger of the largest values there are. */
async function largestProduct(): Promise<Graph> {
  const g = new GraphBuilder('int8-sums')
  const x = g.input('x', 'uint8', [rows, depth])
  const weights = tensor('int8', new Int8Array(depth * columns).fill(largestWeight), [depth, columns])
  g.output('sums', g.op('MatMulInteger', [x, g.constant(weights)]), 'int32', [rows, columns])
  return g.finish()
}

/**
 * Whether this processor's sums of uint8 times int8 are cut off: without VNNI, onnxruntime adds pairs of products in 16 bits.
 * It has a mode without that, which takes twice as long where there is VNNI; so it is asked, with one small product.
 */
export function int8SumsOverflow(ort: OrtRuntime): Promise<boolean> {
  const found = known.get(ort) ?? asked(ort)
  known.set(ort, found)
  return found
}

const known = new WeakMap<OrtRuntime, Promise<boolean>>()

async function asked(ort: OrtRuntime): Promise<boolean> {
  const graph = await largestProduct()
  const bytes = graph.toOnnx(() => {
    throw new Error('there are no weights in files')
  })
  const options = { executionProviders: ['cpu'], intraOpNumThreads: 1, logSeverityLevel: 3 } as const
  const session = new OrtSession(ort, graph, await ort.InferenceSession.create(bytes, options))
  try {
    const x = tensor('uint8', new Uint8Array(rows * depth).fill(largestInput), [rows, depth])
    const { sums } = await session.run({ x })
    const exact = depth * largestInput * largestWeight
    return (sums!.data as Int32Array).some(sum => sum !== exact)
  } finally {
    await session.dispose()
  }
}
