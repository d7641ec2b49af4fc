import { expect, test } from 'vitest'
import { isVisCPMError } from '../errors.js'
import type { Native } from '../host/fixtures/native.js'
import { createHost } from './host.js'

const module = new URL('../host/fixtures/native.ts', import.meta.url)

test.each(['worker', 'process'] as const)(
  'onnxruntime in a %s: the loop stays free; abort and dispose in the middle',
  async kind => {
    const host = await createHost<Native>({ module, kind })
    let last = performance.now()
    let largestGap = 0
    const timer = setInterval(() => {
      largestGap = Math.max(largestGap, performance.now() - last)
      last = performance.now()
    }, 2)
    let native = 0
    const started = performance.now()
    for await (const took of host.stream('runs', [10])) native += took
    clearInterval(timer)
    const total = performance.now() - started
    console.log(
      `${kind}: ${native.toFixed(0)} of ${total.toFixed(0)} ms inside native runs, largest gap here ${largestGap.toFixed(1)} ms`,
    )
    expect(native).toBeGreaterThan(total / 2)
    expect(largestGap).toBeLessThan(native / 2)

    for (let i = 1; i <= 3; i++) {
      const signal = AbortSignal.timeout(20 * i)
      const error = await (async () => {
        for await (const _ of host.stream('runs', [1000], { signal }));
      })().catch((e: unknown) => e)
      expect(error).toBe(signal.reason)
    }
    const running = host.stream('runs', [1000], { ahead: 1000 }).next()
    const second = host.stream('runs', [1000]).next()
    await running
    await host.dispose() // a thread terminated inside a run would take this whole process down
    expect(isVisCPMError(await second.catch((e: unknown) => e), 'DISPOSED') || (await second).done === false).toBe(true)
  },
)
