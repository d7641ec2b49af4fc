import { expect, test } from 'vitest'
import { isVisCPMError } from '../errors.js'
import type { Native } from '../host/fixtures/native.js'
import { createHost } from './host.js'

const module = new URL('../host/fixtures/native.js', import.meta.url)
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    e => e,
  )

test.each(['worker', 'process'] as const)(
  'onnxruntime in a %s: this loop stays free; abort and dispose in the middle of runs',
  async kind => {
    const host = await createHost<Native>({ module, kind })
    let ticks = 0
    const timer = setInterval(() => ticks++, 2)
    const runs: number[] = []
    for await (const took of host.stream('runs', [4])) runs.push(took)
    clearInterval(timer)
    // Runs on this thread would have let its loop tick once or twice between them.
    expect(ticks).toBeGreaterThan(4 * runs.length)

    for (let i = 1; i <= 3; i++) {
      const signal = AbortSignal.timeout(20 * i)
      const stream = host.stream('runs', [1000], { signal })
      const readAll = async () => {
        for await (const took of stream) expect(took).toBeGreaterThan(0)
      }
      expect(await failure(readAll())).toBe(signal.reason)
    }

    const stream = host.stream('runs', [1000])
    await stream.next()
    const disposed = host.dispose() // a thread terminated inside a run would take this whole process down
    const rest = async () => {
      for await (const took of stream) expect(took).toBeGreaterThan(0)
    }
    expect(isVisCPMError(await failure(rest()), 'DISPOSED')).toBe(true)
    await disposed
  },
)
