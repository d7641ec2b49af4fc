import type { DType } from '../dtype.js'
import { InvalidArgumentError } from '../errors.js'
import type { Tensor } from '../tensor.js'
import { float32, int64 } from '../tensor.js'
import { operatorsOf, writtenFor } from './form.js'
import type { ExternalInitializer, Graph, ValueInfo } from './graph.js'
import type { Parameter } from './module.js'
import { type Attribute, encodeOnnx, type Node, onnxDataType } from './onnx.js'
import { gatherQuantizedRows, linear } from './products.js'

/** A tensor that will exist when the graph runs. */
export interface Value {
  readonly name: string
}

export interface OpOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>
  /** 'com.microsoft' for onnxruntime's own operators. */
  readonly domain?: string
  /** Shown by graph viewers. */
  readonly name?: string
}

/** Told of every `Linear` and `Conv2d` while a graph is built; may add nodes and outputs of its own. */
export type OnLayer = (weight: Parameter, input: Value, output: Value) => void

/**
 * Emits an ONNX graph (opset 20 and onnxruntime's com.microsoft operators). One method per operator that models use;
 * `op` emits any other. Weights are referenced, never read.
 */
export class GraphBuilder {
  private readonly nodes: Node[] = []
  private readonly casts: Node[] = []
  private readonly inputs: ValueInfo[] = []
  private readonly outputs: ValueInfo[] = []
  private readonly constants = new Map<string, Tensor>()
  private readonly initializers: ExternalInitializer[] = []
  private readonly parameters = new Map<string, Value>()
  private readonly gathered: { name: string; parameter: Parameter }[] = []
  private counter = 0

  /** @param onLayer sees what goes into and comes out of every layer with a weight matrix or kernel */
  constructor(
    readonly name: string,
    private readonly onLayer: OnLayer | undefined = undefined,
  ) {}

  /** Shows a layer to `onLayer`. @returns what comes out of it */
  layer(weight: Parameter, input: Value, output: Value): Value {
    this.onLayer?.(weight, input, output)
    return output
  }

  input(name: string, dtype: DType, shape: readonly (number | string)[]): Value {
    this.inputs.push({ name, dtype, shape })
    return { name }
  }

  output(name: string, value: Value, dtype: DType, shape: readonly (number | string)[]): void {
    this.nodes.push({
      opType: 'Identity',
      domain: '',
      name: `output/${name}`,
      inputs: [value.name],
      outputs: [name],
      attributes: {},
    })
    this.outputs.push({ name, dtype, shape })
  }

  /** Any operator with one output. An absent optional input is `undefined`. */
  op(opType: string, inputs: readonly (Value | undefined)[], options: OpOptions = {}): Value {
    return this.ops(opType, inputs, 1, options)[0]!
  }

  /** Any operator with several outputs. */
  ops(opType: string, inputs: readonly (Value | undefined)[], outputs: number, options: OpOptions = {}): Value[] {
    const name = `${options.name ?? opType}_${this.counter++}`
    const names = Array.from({ length: outputs }, (_, i) => (i === 0 ? name : `${name}:${i}`))
    this.nodes.push({
      opType,
      domain: options.domain ?? '',
      name,
      inputs: inputs.map(v => v?.name ?? ''),
      outputs: names,
      attributes: options.attributes ?? {},
    })
    return names.map(n => ({ name: n }))
  }

  /** A small tensor inside the model. */
  constant(value: Tensor, name?: string): Value {
    const unique = `${name ?? 'constant'}_${this.counter++}`
    this.constants.set(unique, value)
    return { name: unique }
  }

  private readonly scalars = new Map<string, Value>()

  /** A float32 scalar, shared between its uses. */
  scalar(value: number): Value {
    return this.shared(`f${value}`, () => float32([value], []))
  }

  /** An int64 vector (shapes, axes), shared between its uses. */
  ints(...values: number[]): Value {
    return this.shared(`i${values}`, () => int64(values))
  }

  private shared(key: string, make: () => Tensor): Value {
    const known = this.scalars.get(key)
    if (known) return known
    const value = this.constant(make(), key)
    this.scalars.set(key, value)
    return value
  }

  private readonly stored = new Map<string, Value>()

  /** A weight in the dtype it is stored in. */
  storedParameter(parameter: Parameter): Value {
    const known = this.stored.get(parameter.key)
    if (known) return known
    const { dtype, shape } = parameter.info
    const name = parameter.key
    const location = parameter.source.locate(parameter.key)
    if (location) this.initializers.push({ name, dtype, shape, location })
    else this.gathered.push({ name, parameter })
    this.stored.set(name, { name })
    return { name }
  }

  /** Bytes of a checkpoint under a shape of the caller's; each name once. */
  initializer(initializer: ExternalInitializer): Value {
    if (!this.placed.has(initializer.name)) {
      this.placed.add(initializer.name)
      this.initializers.push(initializer)
    }
    return { name: initializer.name }
  }

  private readonly placed = new Set<string>()

  /** A weight as float32, whatever dtype it is stored in. @throws InvalidArgumentError for quantized ones */
  parameter(parameter: Parameter): Value {
    const known = this.parameters.get(parameter.key)
    if (known) return known
    if (parameter.info.quantization)
      throw new InvalidArgumentError({
        argument: parameter.key,
        message: 'is quantized, and is used where only plain numbers can be',
        hint: 'Convert the checkpoint again and keep this tensor as it is.',
      })
    const stored = this.storedParameter(parameter)
    const value = parameter.info.dtype === 'float32' ? stored : this.widened(stored)
    this.parameters.set(parameter.key, value)
    return value
  }

  /**
   * A weight cast to float32. These nodes go to the front of the list: onnxruntime orders nodes depth first from the
   * outputs, and what stands first then runs right before its use, so that one widened weight is alive at a time.
   */
  private widened(stored: Value): Value {
    const value = { name: `${stored.name}.float32` }
    const attributes = { to: onnxDataType('float32') }
    this.casts.push({
      opType: 'Cast',
      domain: '',
      name: value.name,
      inputs: [stored.name],
      outputs: [value.name],
      attributes,
    })
    return value
  }

  /** Rows of a weight as float32: only these are converted, not the whole table. indices: int [...] -> [..., columns]. */
  gatherRows(parameter: Parameter, indices: Value): Value {
    if (parameter.info.quantization) return gatherQuantizedRows(this, parameter, indices)
    const rows = this.gather(this.storedParameter(parameter), indices)
    return parameter.info.dtype === 'float32' ? rows : this.cast(rows, 'float32')
  }

  cast(x: Value, dtype: DType): Value {
    return this.op('Cast', [x], { attributes: { to: onnxDataType(dtype) } })
  }

  add(a: Value, b: Value): Value {
    return this.op('Add', [a, b])
  }
  sub(a: Value, b: Value): Value {
    return this.op('Sub', [a, b])
  }
  mul(a: Value, b: Value): Value {
    return this.op('Mul', [a, b])
  }
  div(a: Value, b: Value): Value {
    return this.op('Div', [a, b])
  }
  sin(x: Value): Value {
    return this.op('Sin', [x])
  }
  cos(x: Value): Value {
    return this.op('Cos', [x])
  }
  neg(x: Value): Value {
    return this.op('Neg', [x])
  }
  where(condition: Value, a: Value, b: Value): Value {
    return this.op('Where', [condition, a, b])
  }
  softmax(x: Value, axis = -1): Value {
    return this.op('Softmax', [x], { attributes: { axis } })
  }
  /** Exact (erf) GELU. */
  gelu(x: Value): Value {
    return this.op('Gelu', [x])
  }
  /** x * sigmoid(x), also called swish (onnxruntime's QuickGelu without its factor). */
  silu(x: Value): Value {
    return this.op('QuickGelu', [x], { domain: 'com.microsoft', attributes: { alpha: { float: 1 } } })
  }
  clip(x: Value, min: number, max: number): Value {
    return this.op('Clip', [x, this.scalar(min), this.scalar(max)])
  }
  concat(values: readonly Value[], axis: number): Value {
    return this.op('Concat', values, { attributes: { axis } })
  }
  gather(data: Value, indices: Value, axis = 0): Value {
    return this.op('Gather', [data, indices], { attributes: { axis } })
  }
  transpose(x: Value, perm: readonly number[]): Value {
    return this.op('Transpose', [x], { attributes: { perm } })
  }
  /** ONNX Reshape: 0 keeps a dimension, -1 is inferred. */
  reshape(x: Value, ...shape: number[]): Value {
    return this.op('Reshape', [x, this.ints(...shape)])
  }
  unsqueeze(x: Value, ...axes: number[]): Value {
    return this.op('Unsqueeze', [x, this.ints(...axes)])
  }
  slice(x: Value, start: number, end: number, axis: number): Value {
    return this.op('Slice', [x, this.ints(start), this.ints(end), this.ints(axis)])
  }
  /** Two parts along `axis`, the first as long as `first` is there (a run-time int64 vector of both lengths). */
  splitAt(x: Value, lengths: Value, parts: number, axis: number): Value[] {
    return this.ops('Split', [x, lengths], parts, { attributes: { axis } })
  }
  /** Equal parts along `axis`. */
  chunk(x: Value, parts: number, axis: number): Value[] {
    return this.ops('Split', [x], parts, { attributes: { axis, num_outputs: parts } })
  }
  matmul(a: Value, b: Value): Value {
    return this.op('MatMul', [a, b])
  }
  /** alpha * a @ b, b transposed in its last two dimensions if asked (onnxruntime's FusedMatMul). */
  fusedMatmul(a: Value, b: Value, options: { transB?: boolean; alpha?: number; name?: string } = {}): Value {
    return this.op('FusedMatMul', [a, b], {
      domain: 'com.microsoft',
      attributes: { transB: options.transB ? 1 : 0, alpha: { float: options.alpha ?? 1 } },
      ...(options.name === undefined ? {} : { name: options.name }),
    })
  }
  /**
   * alpha * x @ weight^T for each weight [out, in]. x: [..., in] -> [..., out] each. Weights that are quantized alike and lie
   * one behind the other in the file are one product.
   */
  linear(x: Value, weights: readonly Parameter[], options: { alpha?: number } = {}): Value[] {
    return linear(this, x, weights, options)
  }
  layerNorm(x: Value, weight: Value, bias: Value, epsilon: number): Value {
    return this.op('LayerNormalization', [x, weight, bias], { attributes: { axis: -1, epsilon: { float: epsilon } } })
  }
  /** Root mean square norm over the last axis, variance in float32, weight multiplied last. */
  rmsNorm(x: Value, weight: Value, epsilon: number): Value {
    return this.op('SimplifiedLayerNormalization', [x, weight], {
      attributes: { axis: -1, epsilon: { float: epsilon }, stash_type: 1 },
    })
  }
  /**
   * Cross-correlation, as torch.nn.functional.conv2d.
   * x: [batch, in, height, width], weight: [out, in, rows, columns] -> [batch, out, ...]. pads: top, left, bottom, right.
   */
  conv2d(
    x: Value,
    weight: Value,
    bias: Value | undefined,
    options: { kernel: readonly number[]; strides: readonly number[]; pads: readonly number[]; name?: string },
  ): Value {
    const { kernel, strides, pads, name } = options
    return this.op('Conv', bias ? [x, weight, bias] : [x, weight], {
      attributes: { kernel_shape: kernel, strides, pads },
      ...(name === undefined ? {} : { name }),
    })
  }
  /** Mean 0 and variance 1 within each group of channels, then * weight + bias. x: [batch, channels, height, width]. */
  groupNorm(x: Value, weight: Value, bias: Value, groups: number, epsilon: number): Value {
    const one = this.shared(`ones${groups}`, () => float32(new Float32Array(groups).fill(1)))
    const zero = this.shared(`zeros${groups}`, () => float32(new Float32Array(groups)))
    const grouped = this.reshape(x, 0, groups, -1) // [batch, groups, channels / groups * height * width]
    const normed = this.op('InstanceNormalization', [grouped, one, zero], {
      attributes: { epsilon: { float: epsilon } },
    })
    const perChannel = (p: Value) => this.unsqueeze(p, 1, 2) // [channels, 1, 1]
    const scaled = this.mul(this.op('Reshape', [normed, this.shape(x)]), perChannel(weight))
    return this.add(scaled, perChannel(bias))
  }
  /** Nearest neighbour, source pixel floor(i * in / out). x: [batch, channels, h, w], size: int64 [height, width]. */
  resizeNearest(x: Value, size: Value): Value {
    return this.op('Resize', [x, undefined, undefined, size], {
      attributes: {
        mode: 'nearest',
        nearest_mode: 'floor',
        coordinate_transformation_mode: 'asymmetric',
        axes: [2, 3],
      },
    })
  }
  /**
   * softmax(scale * q k^T) v per head, without a mask (onnxruntime's MultiHeadAttention).
   * q: [batch, rows, heads * dim], k and v: [batch, keys, heads * dim] -> [batch, rows, heads * dim].
   */
  attention(q: Value, k: Value, v: Value, options: { heads: number; scale: number }): Value {
    return this.op('MultiHeadAttention', [q, k, v], {
      domain: 'com.microsoft',
      attributes: { num_heads: options.heads, scale: { float: options.scale } },
    })
  }
  /** [..., axis] sizes of x as int64. */
  shape(x: Value, start?: number, end?: number): Value {
    return this.op('Shape', [x], {
      attributes: { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) },
    })
  }

  /**
   * Ends building. Weights that do not lie contiguous in a file are read now (they are few: views and strided tensors);
   * all others stay where they are.
   */
  async finish(): Promise<Graph> {
    for (const { name, parameter } of this.gathered)
      this.constants.set(name, await parameter.source.read(parameter.key))
    const { name, inputs, outputs, constants, initializers } = this
    const nodes = [...this.casts, ...this.nodes]
    const model = { name, inputs, outputs, nodes, constants, initializers }
    return {
      name,
      inputs,
      outputs,
      initializers,
      nodeCount: nodes.length,
      operators: form => operatorsOf(writtenFor(model, form)),
      toOnnx: (place, form) => encodeOnnx(writtenFor(model, form), place),
    }
  }
}
