import type { TaskOptions, WeightSource } from '@viscpm/core'
import { type WeightError, weightErrors, weightGroups, weightPlace } from '@viscpm/core/report'
import type { WeightsCard } from './card.js'

/** Errors of a converted checkpoint's weights: of each tensor, of layers, of kinds. @throws as `weightErrors` */
export async function measureWeights(
  source: WeightSource,
  converted: WeightSource,
  task: TaskOptions,
): Promise<WeightsCard> {
  const { tensors, kept, dropped } = await weightErrors(source, converted, task)
  const inOrder = new Map(source.keys().map((key, i) => [key, i]))
  const ordered = [...tensors].sort((a, b) => inOrder.get(a.key)! - inOrder.get(b.key)!)
  const [all] = weightGroups(ordered, () => 'all')
  return {
    ...(all && { all }),
    layers: weightGroups(ordered, key => weightPlace(key).layer),
    kinds: weightGroups(ordered, key => weightPlace(key).kind),
    tensors: ordered.map(({ key, format, bits, sums }: WeightError) => ({ key, format, bits, ...sums.measure() })),
    kept,
    dropped: dropped.length,
  }
}
