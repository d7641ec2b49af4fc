import { choosePaintMode, type PaintFacts, type PaintMode, partFacts } from '@viscpm/core/cost'
import { memoryFor, openCheckpoint } from '@viscpm/core/node'
import { vaeScale } from '@viscpm/unet-sampler'
import { originalDefaults } from '../defaults.js'
import type { Found, LoadOptions } from './load.js'
import type { PaintFiles } from './places.js'

/** Tokens of an ordinary prompt and of nothing, padded to the same length. */
const tokens = 64

/** Pictures that go through the UNet together by default. */
const batch = 4

/**
 * Settles how a painter is kept in memory; none of its weights is read.
 * @throws InsufficientMemoryError when it does not fit; InvalidArgumentError
 */
export async function chooseMode(
  where: string,
  found: PaintFacts,
  { ranker }: PaintFiles,
  { unet, vae, keepHalf }: Pick<Found, 'unet' | 'vae' | 'keepHalf'>,
  options: LoadOptions,
): Promise<PaintMode> {
  const facts = options.reranker || ranker === undefined ? found : await withRanker(found, ranker)
  const scale = vaeScale(vae.config)
  const side = unet.config.sample_size * scale
  // With somebody to choose, several are painted of each.
  const pictures = options.reranker || ranker !== undefined ? batch : 1
  const steps = options.defaults?.steps ?? originalDefaults.steps
  const { memory, vaeTile } = options
  return choosePaintMode(
    facts,
    { width: side, height: side, steps, batch: pictures, tokens, scale },
    {
      model: where,
      memory,
      machine: memoryFor(options, memory),
      fixed: { keepHalf: options.keepHalf, vaeTile },
      normal: { keepHalf, memory: 'normal' },
    },
  )
}

async function withRanker(facts: PaintFacts, folder: string): Promise<PaintFacts> {
  const source = await openCheckpoint(folder)
  try {
    return { ...facts, ranker: partFacts(source) }
  } finally {
    await source.close()
  }
}
