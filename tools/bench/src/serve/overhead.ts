import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
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
  /** Milliseconds that the same request to a bare HTTP server adds to the pipeline: the median of the pairs. */
  readonly http: number
  /** Time of a request over that of the pipeline. */
  readonly ratio: Spread
}

interface Sides {
  readonly pipeline: () => Promise<string>
  readonly server: () => Promise<string>
  /** A request that nothing is computed for. */
  readonly bare: () => Promise<unknown>
}

/** Rounds that are not counted: all sides warm up. */
const warmUp = 10

/** The same in turns; who is first changes from round to round. */
async function inTurns(what: string, rounds: number, sides: Sides): Promise<Overhead> {
  const { pipeline, server, bare } = sides
  const runs = {
    pipeline,
    server,
    http: async () => {
      await bare()
      return pipeline()
    },
  }
  const names = ['pipeline', 'server', 'http'] as const
  const times: Record<(typeof names)[number], number[]> = { pipeline: [], server: [], http: [] }
  for (let i = -warmUp; i < rounds; i++) {
    const results = new Set<string>()
    for (let k = 0; k < names.length; k++) {
      const name = names[(k + i + warmUp) % names.length]!
      const start = performance.now()
      results.add(await runs[name]())
      if (i >= 0) times[name].push(performance.now() - start)
    }
    if (results.size > 1) throw new Error(`${what}: different results`)
  }
  const over = (side: 'server' | 'http'): number => median(times[side].map((ms, i) => ms - times.pipeline[i]!))
  return {
    what,
    pipeline: median(times.pipeline),
    added: over('server'),
    http: over('http'),
    ratio: ratios(times.pipeline, times.server),
  }
}

async function startBare(): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const child = fork(new URL('./bare-http.js', import.meta.url))
  const [url] = (await once(child, 'message')) as [string]
  return { url, child }
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
  const bare = await startBare()
  const about = (what: string, question: string, decoding: 'greedy' | 'beam') => {
    const ask = { picture, question, maxTokens: 64 }
    const body = { ...chatBody(ask), decoding }
    return inTurns(what, pairs, {
      pipeline: async () =>
        (await chat.ask(await loadImage(png), question, { decoding, maxNewTokens: ask.maxTokens })).text,
      server: async () => answerText(await post(base, '/v1/chat/completions', body)),
      bare: () => post(bare.url, '/', body),
    })
  }
  try {
    const paint = { prompt: 'a red cat', seed: 7, steps: 20 }
    return [
      await about('a short answer, greedy', 'What is in the picture?', 'greedy'),
      await about('the same, beams of 3 (default of the original)', 'What is in the picture?', 'beam'),
      await inTurns('a picture, 20 steps, one candidate', Math.ceil(pairs / 4), {
        pipeline: async () => {
          const { images } = await painter.generate({ ...paint, candidates: 1 })
          await sharpCodec().encode(images[0]!, 'png')
          return 'painted'
        },
        server: async () =>
          paintedFile(await post(base, '/v1/images/generations', paintBody(paint))) === '' ? 'nothing' : 'painted',
        bare: () => post(bare.url, '/', paintBody(paint)),
      }),
    ]
  } finally {
    await chat.dispose()
    await painter.dispose()
    bare.child.disconnect()
  }
}
