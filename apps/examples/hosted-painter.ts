// Paints in a worker thread, with previews, and stops in the middle: node dist/hosted-painter.js
// This file is both sides: the host imports it there and calls `painter`.
import { isMainThread } from 'node:worker_threads'
import type { Image } from '@viscpm/core'
import type { HostContext } from '@viscpm/core/host'
import { createHost } from '@viscpm/core/node'
import { VisCPMPaint } from '@viscpm/paint/node'

/** Methods take and give plain data; the context at the end brings the caller's signal. */
class Painter {
  constructor(private readonly model: Awaited<ReturnType<typeof VisCPMPaint.load>>) {}

  /** Small pictures while it is painted, the last one in full. */
  async *paint(prompt: string, { signal }: HostContext): AsyncGenerator<Image> {
    const previews: Image[] = []
    const painting = this.model.generate({
      ...{ prompt, signal, candidates: 1, steps: 12, seed: 1 },
      onStep: ({ preview }) => void previews.push(...preview()),
    })
    let done = false
    const ended = painting.finally(() => (done = true)).catch(() => {}) // its failure comes with `await painting`
    while (!done) {
      await Promise.race([ended, new Promise(resolve => setTimeout(resolve, 20))])
      yield* previews.splice(0)
    }
    yield* (await painting).images
  }

  dispose(): Promise<void> {
    return this.model.dispose()
  }
}

/** Called on the other side. */
export const painter = async (where: string): Promise<Painter> => new Painter(await VisCPMPaint.load(where))

if (isMainThread) {
  const host = await createHost<Painter>({ module: import.meta.url, export: 'painter', args: ['tiny'] })
  const controller = new AbortController()
  try {
    for await (const { width, height } of host.stream('paint', ['a red apple'])) console.log(`${width} x ${height}`)
    const { signal } = controller
    for await (const _ of host.stream('paint', ['a blue car'], { signal })) controller.abort(new Error('seen enough'))
  } catch (error) {
    if (!controller.signal.aborted) throw error
    console.log(`stopped: ${(error as Error).message}`) // the painter is as good as new
  }
  await host.dispose()
}
