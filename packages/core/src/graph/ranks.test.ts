import { expect, it } from 'vitest'
import { float32, int64, type Tensor } from '../tensor.js'
import type { Attribute, Node } from './onnx.js'
import { ranksOf } from './ranks.js'

const node = (opType: string, inputs: string[], output: string, attributes: Record<string, Attribute> = {}): Node => ({
  opType,
  domain: '',
  name: output,
  inputs,
  outputs: [output],
  attributes,
})

it('follows the number of dimensions through a model, as far as it is said', () => {
  const ranks = ranksOf({
    name: 'test',
    inputs: [
      { name: 'x', dtype: 'float32', shape: ['b', 'n', 8] },
      { name: 'ids', dtype: 'int64', shape: ['b', 'n'] },
    ],
    outputs: [],
    initializers: [],
    constants: new Map<string, Tensor>([
      ['table', float32(new Float32Array(80), [10, 8])],
      ['half', float32([0.5], [])],
      ['shape', int64([0, 0, 2, -1])],
      ['axes', int64([1, 2])],
    ]),
    nodes: [
      node('Gather', ['table', 'ids'], 'rows'),
      node('Mul', ['half', 'rows'], 'scaled'),
      node('LayerNormalization', ['x', 'table', 'table'], 'normed'),
      node('Reshape', ['normed', 'shape'], 'heads'),
      node('Transpose', ['heads'], 'turned', { perm: [0, 2, 3, 1] }),
      node('MatMul', ['table', 'turned'], 'product'),
      node('Unsqueeze', ['table', 'axes'], 'wide'),
      node('ReduceL2', ['wide', 'axes'], 'length', { keepdims: 1 }),
      node('ReduceMax', ['wide', 'axes'], 'most', { keepdims: 0 }),
      node('NonZero', ['x'], 'unknown'),
      node('Add', ['x', 'unknown'], 'sum'),
    ],
  })
  const known = Object.fromEntries([...ranks].slice(6))
  expect(known).toEqual({
    rows: 3,
    scaled: 3,
    normed: 3,
    heads: 4,
    turned: 4,
    product: 4,
    wide: 4,
    length: 4,
  })
})
