import { hostChat, loadImage } from '@viscpm/chat/node'
import { sharpCodec } from '@viscpm/core/node'
import { hostPaint } from '@viscpm/paint/node'
import { median, ratios, type Spread } from '../statistics.js'
import { answerText, chatBody, dataUrl, paintBody, paintedFile, post } from './client.js'
import { demoPicture } from './expected.js'

export interface Overhead {
  readonly what: string
  /** Milliseconds without the server. */
  readonly pipeline: number
  /** Milliseconds that the server adds: the median of the pairs. */
  readonly added: number
  /** Time of a request over that of the pipeline. */
  readonly ratio: Spread
}

/** The same in turns; who is first changes from pair to pair. */
async function inPairs(
  what: string,
  pairs: number,
  sides: { readonly pipeline: () => Promise<string>; readonly server: () => Promise<string> },
): Promise<Overhead> {
  const times: Record<'pipeline' | 'server', number[]> = { pipeline: [], server: [] }
  for (let i = -2; i < pairs; i++) {
    const results: string[] = []
    for (const side of i % 2 === 0 ? (['pipeline', 'server'] as const) : (['server', 'pipeline'] as const)) {
      const start = performance.now()
      results.push(await sides[side]())
      if (i >= 0) times[side].push(performance.now() - start) // both sides warm up before
    }
    if (results[0] !== results[1]) throw new Error(`${what}: different results`)
  }
  const added = median(times.server.map((ms, i) => ms - times.pipeline[i]!))
  return { what, pipeline: median(times.pipeline), added, ratio: ratios(times.pipeline, times.server) }
}

/**
 * What the way through the server adds to an answer and to a picture: against the same pipelines in hosts of their own here, picture file to
 * last word, or prompt to file.
 */
export async function measureOverhead(base: string, pairs: number): Promise<Overhead[]> {
  const png = await demoPicture('three-things')
  const picture = dataUrl(png)
  const chat = await hostChat('tiny', { kind: 'process' })
  const painter = await hostPaint('tiny', { kind: 'process' })
  const about = (what: string, question: string, decoding: 'greedy' | 'beam') => {
    const ask = { picture, question, maxTokens: 64 }
    return inPairs(what, pairs, {
      pipeline: async () =>
        (await chat.ask(await loadImage(png), question, { decoding, maxNewTokens: ask.maxTokens })).text,
      server: async () => answerText(await post(base, '/v1/chat/completions', { ...chatBody(ask), decoding })),
    })
  }
  try {
    const paint = { prompt: 'a red cat', seed: 7, steps: 20 }
    return [
      await about('a short answer, greedy', 'What is in the picture?', 'greedy'),
      await about('the same, beams of 3 (default of the original)', 'What is in the picture?', 'beam'),
      await inPairs('a picture, 20 steps, one candidate', Math.ceil(pairs / 4), {
        pipeline: async () => {
          const { images } = await painter.generate({ ...paint, candidates: 1 })
          await sharpCodec().encode(images[0]!, 'png')
          return 'painted'
        },
        server: async () =>
          paintedFile(await post(base, '/v1/images/generations', paintBody(paint))) === '' ? 'nothing' : 'painted',
      }),
    ]
  } finally {
    await chat.dispose()
    await painter.dispose()
  }
}
