import { type Backend, type SessionOptions, tensor } from '@viscpm/core'
import { GraphBuilder } from '@viscpm/core/graph'
import type { RowProducts } from './kernel-distance.js'

export interface SessionProducts {
  readonly products: RowProducts
  dispose(): Promise<void>
}

/** Products of features [rows, dim] by a backend, in float32. @throws SessionError */
export async function sessionProducts(
  backend: Backend,
  dim: number,
  options: SessionOptions = {},
): Promise<SessionProducts> {
  const g = new GraphBuilder('row-products')
  const a = g.input('a', 'float32', ['rows', dim])
  const b = g.input('b', 'float32', ['columns', dim])
  g.output('products', g.matmul(a, g.transpose(b, [1, 0])), 'float32', ['rows', 'columns'])
  const session = await backend.createSession(await g.finish(), options)
  const rows = (features: Float32Array) => tensor('float32', features, [features.length / dim, dim])
  return {
    products: async (x, y) => {
      const { products } = await session.run({ a: rows(x), b: rows(y) })
      return products!.data as Float32Array
    },
    dispose: () => session.dispose(),
  }
}
