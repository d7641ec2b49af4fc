import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { hostPaint } from './hosted.js'

/** The memory that processes of ours, started by this one, were told to give back. */
async function childrenThatReturnMemory(): Promise<number> {
  const children = (await readFile(`/proc/self/task/${process.pid}/children`, 'utf8')).trim().split(' ').filter(Boolean)
  const environments = await Promise.all(
    children.map(pid => readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')),
  )
  return environments.filter(text => text.includes('MALLOC_TRIM_THRESHOLD_=')).length
}

it.skipIf(process.platform !== 'linux')(
  'with low memory paints the same picture in a process that gives memory back',
  { timeout: 60_000 },
  async () => {
    const request = { prompt: 'a red cat', steps: 2, seed: 5, candidates: 1 } as const
    const [thread, child] = [
      await hostPaint('tiny', { ranker: false, threads: 1 }),
      await hostPaint('tiny', { ranker: false, threads: 1, memory: 'low' }),
    ]
    expect(await childrenThatReturnMemory()).toBe(1)
    const [one, two] = [await thread.generate(request), await child.generate(request)]
    expect(two.images[0]!.data).toEqual(one.images[0]!.data)
    await Promise.all([thread.dispose(), child.dispose()])
    expect(await childrenThatReturnMemory()).toBe(0)
  },
)
