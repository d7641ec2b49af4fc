import { type GraphBuilder, Module, Parameter, type Value } from '@viscpm/core/graph'

/** Convolution, batch norm with its recorded statistics, ReLU. onnxruntime folds the norm into the kernel. */
export class BasicConv2d extends Module {
  readonly conv: { readonly weight: Parameter }
  readonly bn: {
    readonly weight: Parameter
    readonly bias: Parameter
    readonly running_mean: Parameter
    readonly running_var: Parameter
  }
  readonly #shape: { kernel: readonly number[]; strides: readonly number[]; pads: readonly number[] }

  /** @param kernel rows and columns; `padding` the same way */
  constructor(
    inChannels: number,
    channels: number,
    kernel: readonly [number, number],
    { stride = 1, padding = [0, 0] }: { readonly stride?: number; readonly padding?: readonly [number, number] } = {},
  ) {
    super()
    this.conv = { weight: new Parameter(channels, inChannels, ...kernel) }
    const vector = () => new Parameter(channels)
    this.bn = { weight: vector(), bias: vector(), running_mean: vector(), running_var: vector() }
    this.#shape = { kernel, strides: [stride, stride], pads: [...padding, ...padding] }
  }

  build(g: GraphBuilder, x: Value): Value {
    const { weight, bias, running_mean, running_var } = this.bn
    const y = g.conv2d(x, g.parameter(this.conv.weight), undefined, this.#shape)
    const statistics = [weight, bias, running_mean, running_var].map(one => g.parameter(one))
    return g.op('Relu', [g.op('BatchNormalization', [y, ...statistics], { attributes: { epsilon: { float: 1e-3 } } })])
  }
}

const one = (from: number, to: number) => new BasicConv2d(from, to, [1, 1])
const square = (from: number, to: number) => new BasicConv2d(from, to, [3, 3], { padding: [1, 1] })
const halving = (from: number, to: number) => new BasicConv2d(from, to, [3, 3], { stride: 2 })
/** One row high and `n` wide, and the other way round. */
const flat = (from: number, to: number, n: number) => new BasicConv2d(from, to, [1, n], { padding: [0, (n - 1) / 2] })
const tall = (from: number, to: number, n: number) => new BasicConv2d(from, to, [n, 1], { padding: [(n - 1) / 2, 0] })

const chain = (g: GraphBuilder, x: Value, ...convs: BasicConv2d[]): Value =>
  convs.reduce((y, conv) => conv.build(g, y), x)

/** 3 x 3 with stride 2, as between the stages. */
export function maxPool(
  g: GraphBuilder,
  x: Value,
  { stride = 2, padding = 0 }: { readonly stride?: number; readonly padding?: number } = {},
): Value {
  const attributes = { kernel_shape: [3, 3], strides: [stride, stride], pads: new Array<number>(4).fill(padding) }
  return g.op('MaxPool', [x], { attributes })
}

/** As TensorFlow's: what lies outside the picture does not count in the mean. */
function averagePool(g: GraphBuilder, x: Value): Value {
  const attributes = { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], count_include_pad: 0 }
  return g.op('AveragePool', [x], { attributes })
}

/** 35 x 35. Source: pytorch-fid, FIDInceptionA. */
export class InceptionA extends Module {
  readonly branch1x1: BasicConv2d
  readonly branch5x5_1: BasicConv2d
  readonly branch5x5_2: BasicConv2d
  readonly branch3x3dbl_1: BasicConv2d
  readonly branch3x3dbl_2: BasicConv2d
  readonly branch3x3dbl_3: BasicConv2d
  readonly branch_pool: BasicConv2d

  constructor(channels: number, pool: number, w: (channels: number) => number) {
    super()
    this.branch1x1 = one(channels, w(64))
    this.branch5x5_1 = one(channels, w(48))
    this.branch5x5_2 = new BasicConv2d(w(48), w(64), [5, 5], { padding: [2, 2] })
    this.branch3x3dbl_1 = one(channels, w(64))
    this.branch3x3dbl_2 = square(w(64), w(96))
    this.branch3x3dbl_3 = square(w(96), w(96))
    this.branch_pool = one(channels, pool)
  }

  build(g: GraphBuilder, x: Value): Value {
    const five = chain(g, x, this.branch5x5_1, this.branch5x5_2)
    const double = chain(g, x, this.branch3x3dbl_1, this.branch3x3dbl_2, this.branch3x3dbl_3)
    return g.concat([this.branch1x1.build(g, x), five, double, this.branch_pool.build(g, averagePool(g, x))], 1)
  }
}

/** 35 x 35 to 17 x 17. Source: torchvision, InceptionB. */
export class InceptionB extends Module {
  readonly branch3x3: BasicConv2d
  readonly branch3x3dbl_1: BasicConv2d
  readonly branch3x3dbl_2: BasicConv2d
  readonly branch3x3dbl_3: BasicConv2d

  constructor(channels: number, w: (channels: number) => number) {
    super()
    this.branch3x3 = halving(channels, w(384))
    this.branch3x3dbl_1 = one(channels, w(64))
    this.branch3x3dbl_2 = square(w(64), w(96))
    this.branch3x3dbl_3 = halving(w(96), w(96))
  }

  build(g: GraphBuilder, x: Value): Value {
    const double = chain(g, x, this.branch3x3dbl_1, this.branch3x3dbl_2, this.branch3x3dbl_3)
    return g.concat([this.branch3x3.build(g, x), double, maxPool(g, x)], 1)
  }
}

/** 17 x 17. Source: pytorch-fid, FIDInceptionC. */
export class InceptionC extends Module {
  readonly branch1x1: BasicConv2d
  readonly branch7x7_1: BasicConv2d
  readonly branch7x7_2: BasicConv2d
  readonly branch7x7_3: BasicConv2d
  readonly branch7x7dbl_1: BasicConv2d
  readonly branch7x7dbl_2: BasicConv2d
  readonly branch7x7dbl_3: BasicConv2d
  readonly branch7x7dbl_4: BasicConv2d
  readonly branch7x7dbl_5: BasicConv2d
  readonly branch_pool: BasicConv2d

  constructor(channels: number, c7: number, w: (channels: number) => number) {
    super()
    this.branch1x1 = one(channels, w(192))
    this.branch7x7_1 = one(channels, c7)
    this.branch7x7_2 = flat(c7, c7, 7)
    this.branch7x7_3 = tall(c7, w(192), 7)
    this.branch7x7dbl_1 = one(channels, c7)
    this.branch7x7dbl_2 = tall(c7, c7, 7)
    this.branch7x7dbl_3 = flat(c7, c7, 7)
    this.branch7x7dbl_4 = tall(c7, c7, 7)
    this.branch7x7dbl_5 = flat(c7, w(192), 7)
    this.branch_pool = one(channels, w(192))
  }

  build(g: GraphBuilder, x: Value): Value {
    const seven = chain(g, x, this.branch7x7_1, this.branch7x7_2, this.branch7x7_3)
    const { branch7x7dbl_1, branch7x7dbl_2, branch7x7dbl_3, branch7x7dbl_4, branch7x7dbl_5 } = this
    const double = chain(g, x, branch7x7dbl_1, branch7x7dbl_2, branch7x7dbl_3, branch7x7dbl_4, branch7x7dbl_5)
    return g.concat([this.branch1x1.build(g, x), seven, double, this.branch_pool.build(g, averagePool(g, x))], 1)
  }
}

/** 17 x 17 to 8 x 8. Source: torchvision, InceptionD. */
export class InceptionD extends Module {
  readonly branch3x3_1: BasicConv2d
  readonly branch3x3_2: BasicConv2d
  readonly branch7x7x3_1: BasicConv2d
  readonly branch7x7x3_2: BasicConv2d
  readonly branch7x7x3_3: BasicConv2d
  readonly branch7x7x3_4: BasicConv2d

  constructor(channels: number, w: (channels: number) => number) {
    super()
    this.branch3x3_1 = one(channels, w(192))
    this.branch3x3_2 = halving(w(192), w(320))
    this.branch7x7x3_1 = one(channels, w(192))
    this.branch7x7x3_2 = flat(w(192), w(192), 7)
    this.branch7x7x3_3 = tall(w(192), w(192), 7)
    this.branch7x7x3_4 = halving(w(192), w(192))
  }

  build(g: GraphBuilder, x: Value): Value {
    const three = chain(g, x, this.branch3x3_1, this.branch3x3_2)
    const seven = chain(g, x, this.branch7x7x3_1, this.branch7x7x3_2, this.branch7x7x3_3, this.branch7x7x3_4)
    return g.concat([three, seven, maxPool(g, x)], 1)
  }
}

/** 8 x 8. The last one takes the maximum where the others average. Source: pytorch-fid, FIDInceptionE_1 and _2. */
export class InceptionE extends Module {
  readonly branch1x1: BasicConv2d
  readonly branch3x3_1: BasicConv2d
  readonly branch3x3_2a: BasicConv2d
  readonly branch3x3_2b: BasicConv2d
  readonly branch3x3dbl_1: BasicConv2d
  readonly branch3x3dbl_2: BasicConv2d
  readonly branch3x3dbl_3a: BasicConv2d
  readonly branch3x3dbl_3b: BasicConv2d
  readonly branch_pool: BasicConv2d
  readonly #last: boolean

  constructor(channels: number, last: boolean, w: (channels: number) => number) {
    super()
    this.#last = last
    this.branch1x1 = one(channels, w(320))
    this.branch3x3_1 = one(channels, w(384))
    this.branch3x3_2a = flat(w(384), w(384), 3)
    this.branch3x3_2b = tall(w(384), w(384), 3)
    this.branch3x3dbl_1 = one(channels, w(448))
    this.branch3x3dbl_2 = square(w(448), w(384))
    this.branch3x3dbl_3a = flat(w(384), w(384), 3)
    this.branch3x3dbl_3b = tall(w(384), w(384), 3)
    this.branch_pool = one(channels, w(192))
  }

  build(g: GraphBuilder, x: Value): Value {
    const three = this.branch3x3_1.build(g, x)
    const double = chain(g, x, this.branch3x3dbl_1, this.branch3x3dbl_2)
    const pooled = this.#last ? maxPool(g, x, { stride: 1, padding: 1 }) : averagePool(g, x)
    return g.concat(
      [
        this.branch1x1.build(g, x),
        this.branch3x3_2a.build(g, three),
        this.branch3x3_2b.build(g, three),
        this.branch3x3dbl_3a.build(g, double),
        this.branch3x3dbl_3b.build(g, double),
        this.branch_pool.build(g, pooled),
      ],
      1,
    )
  }
}
