import { parseArgs } from 'node:util'
import type { ChatAnswer } from '@viscpm/chat'
import { type Engine, openRedisQueue, type RedisJobQueue, startWorker } from '@viscpm/server'
import { median } from '../statistics.js'

const usage = `pnpm bench queue [--queue redis://127.0.0.1:6379] [--jobs N] [--tokens N]

What the queue over Redis takes by itself: an engine that computes nothing answers every question at once, in so many tokens. Run it
against a Redis that is used for nothing else.`

const owner = 'bench'

/** Says so many words, as fast as it is listened to. */
function hollowEngine(tokens: number): Engine {
  return {
    models: [{ id: 'hollow', kind: 'chat' }],
    async run(_request, { emit }) {
      for (let i = 0; i < tokens; i++) {
        await emit({ type: 'text', text: 'word ' })
        // As with a model, every token is an event of its own.
        await new Promise(resolve => setImmediate(resolve))
      }
      return { kind: 'chat', answer: { text: 'word '.repeat(tokens), finishReason: 'stop' } as ChatAnswer }
    },
    dispose: async () => {},
  }
}

/** Milliseconds from handing in until the result is there. */
async function one(queue: RedisJobQueue, id: string): Promise<number> {
  const image = new Uint8Array(200_000)
  const begun = performance.now()
  const request = { kind: 'chat', model: 'hollow', image, turns: [], question: id, decoding: {} } as const
  const job = await queue.submit(request, { owner, id })
  await job.result()
  return performance.now() - begun
}

/** `pnpm bench queue ...` @returns the exit code */
export async function queue(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      queue: { ...text, default: 'redis://127.0.0.1:6379' },
      jobs: { ...text, default: '1000' },
      tokens: { ...text, default: '64' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const [jobs, tokens] = [Number(values.jobs), Number(values.tokens)]
  const prefix = `{bench-${process.pid}}`
  const worker = await startWorker({ queue: values.queue, engine: hollowEngine(tokens), concurrency: 16, prefix })
  const opened = await openRedisQueue({ url: values.queue, maxQueued: jobs, keepSeconds: 60, timeout: 60_000, prefix })
  try {
    await one(opened, 'warm')
    const alone: number[] = []
    for (let i = 0; i < 100; i++) alone.push(await one(opened, `alone ${i}`))
    const begun = performance.now()
    await Promise.all(Array.from({ length: jobs }, (_, i) => one(opened, `many ${i}`)))
    const seconds = (performance.now() - begun) / 1000
    alone.sort((a, b) => a - b)
    console.log(`one after another, from handing in to the result: median ${median(alone).toFixed(0)} ms, longest ${alone.at(-1)!.toFixed(0)} ms
${jobs} at once, ${tokens} tokens each: ${(jobs / seconds).toFixed(0)} jobs a second, ${((jobs * tokens) / seconds).toFixed(0)} tokens a second`)
    return 0
  } finally {
    await worker.close({ drain: 0 })
    await opened.close()
  }
}
