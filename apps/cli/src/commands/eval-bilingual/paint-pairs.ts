import type { Image, TaskOptions } from '@viscpm/core'
import type { JudgedPair, Language, PaintedPair, TextPair } from '@viscpm/eval'
import type { Scheduler } from '@viscpm/unet-sampler'
import type { Painter } from '../../models.js'
import type { Painted, PictureStore } from './picture-store.js'

export interface PaintPairsOptions extends TaskOptions {
  readonly seeds: readonly bigint[]
  readonly steps: number
  readonly scheduler: Scheduler | undefined
  readonly store: PictureStore | undefined
}

export interface PaintedPairs {
  readonly pairs: readonly PaintedPair<Image>[]
  /** Pairs of which a checker let a picture not be seen: they are not compared. */
  readonly withheld: readonly string[]
  /** Verdicts of a picture checker; none without one. */
  readonly judged: readonly JudgedPair[]
}

const languages: readonly Language[] = ['en', 'zh']

/**
 * Paints every prompt in both languages with the same seeds. What the store has is not painted again. Progress: phase `paintings`.
 * @throws what painting throws; the signal's reason
 */
export async function paintPairs(
  painter: Painter,
  prompts: readonly TextPair[],
  { seeds, steps, scheduler, store, signal, onProgress }: PaintPairsOptions,
): Promise<PaintedPairs> {
  const pairs: PaintedPair<Image>[] = []
  const withheld: string[] = []
  const judged: JudgedPair[] = []
  const total = prompts.length * languages.length
  let done = 0
  const paint = async (prompt: string): Promise<Painted> => {
    const { status, candidates } = await painter.generate({
      ...{ prompt, steps, count: seeds.length, candidates: 1, seed: seeds },
      ...(scheduler && { scheduler }),
      ...(signal && { signal }),
      onStep: ({ step, steps: all }) =>
        onProgress?.({ phase: 'paintings', done: done + step / all, total, unit: 'steps' }),
    })
    // A picture in place of one that was blocked has another seed.
    const seen = status === 'painted' && candidates.every(one => !one.withheld && one.replaced.length === 0)
    return {
      images: seen ? candidates.map(({ image }) => image) : [],
      flagged: candidates.map(({ verdict, replaced }) =>
        replaced.length > 0 ? true : verdict === 'none' ? undefined : verdict.decision !== 'allow',
      ),
    }
  }
  for (const pair of prompts) {
    const painted: Partial<Record<Language, Painted>> = {}
    for (const language of languages) {
      signal?.throwIfAborted()
      const found = await store?.found(pair[language])
      const now = found ?? (await paint(pair[language]))
      if (!found) await store?.keep(pair[language], now)
      painted[language] = now
      done++
      onProgress?.({ phase: 'paintings', done, total, unit: 'steps' })
    }
    const { en, zh } = painted as Record<Language, Painted>
    for (const [i, seed] of seeds.entries()) {
      const [a, b] = [en.flagged[i], zh.flagged[i]]
      if (a !== undefined && b !== undefined) judged.push({ id: `${pair.id} ${seed}`, en: a, zh: b })
    }
    if (en.images.length === 0 || zh.images.length === 0) withheld.push(pair.id)
    else pairs.push({ id: pair.id, en: en.images, zh: zh.images })
  }
  return { pairs, withheld, judged }
}
