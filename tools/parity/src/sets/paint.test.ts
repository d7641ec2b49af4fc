import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { runPaint } from './paint.js'

/** In the repository, or beside it where the whole set is kept. */
const goldens = ['../../goldens/', '../../../../../shared/goldens/']
  .map(place => fileURLToPath(new URL(place, import.meta.url)))
  .find(place => ['paint', 'vae', 'reranker'].every(set => existsSync(`${place}${set}`)))
if (goldens === undefined) console.warn('SKIPPED: the recorded cases of paint, vae and reranker are not at hand')

it.skipIf(!goldens)(
  'paints what the original paints',
  async () => {
    const results = await runPaint(goldens!)
    expect(results.flatMap(({ failures }) => failures)).toEqual([])
    expect(results.map(({ cases }) => cases)).toEqual([14, 16, 17])
  },
  600_000,
)
