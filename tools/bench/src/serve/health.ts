import { setTimeout as sleep } from 'node:timers/promises'
import { paintBody, post } from './client.js'
import { quantile } from './slope.js'

/** How long /healthz takes while pictures are painted, in milliseconds: one request after the other, some 50 a second. */
export async function healthWhilePainting(
  base: string,
  seconds: number,
): Promise<{ median: number; p99: number; requests: number; painted: number }> {
  const times: number[] = []
  let painted = 0
  let over = false
  const painting = (async () => {
    for (let seed = 1; !over; seed++) {
      const { status } = await post(base, '/v1/images/generations', paintBody({ prompt: 'a red cat', seed, steps: 50 }))
      if (status !== 200) throw new Error(`painting: status ${status}`)
      painted++
    }
  })()
  const looking = (async () => {
    for (const start = performance.now(); performance.now() - start < seconds * 1000; await sleep(20)) {
      const before = performance.now()
      const response = await fetch(`${base}/healthz`)
      await response.arrayBuffer()
      if (!response.ok) throw new Error(`/healthz: status ${response.status}`)
      times.push(performance.now() - before)
    }
  })().finally(() => {
    over = true
  })
  await Promise.all([looking, painting])
  return { median: quantile(times, 0.5), p99: quantile(times, 0.99), requests: times.length, painted }
}
