import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, test, vi } from 'vitest'
import { isVisCPMError } from '../errors.js'
import type { Hosted } from '../host/fixtures/hosted.js'
import { type Host, transfer } from '../host/index.js'
import type { Progress } from '../progress.js'
import { createHost, type NodeHostOptions } from './host.js'

const module = new URL('../host/fixtures/hosted.js', import.meta.url)
const create = (kind: 'worker' | 'process', options: Partial<NodeHostOptions> = {}) =>
  createHost<Hosted>({ module, kind, args: ['first'], ...options })
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    e => e,
  )
const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

describe.each(['worker', 'process'] as const)('%s', kind => {
  describe('one host', () => {
    let host: Host<Hosted>
    beforeAll(async () => {
      host = await create(kind)
    })
    afterAll(() => host.dispose())
    // Whatever a test did to it, the host answers afterwards.
    afterEach(async () => expect(await host.call('byteLength', [new Uint8Array(3)])).toBe(3))

    test('values go there and back; the method gets a context at the end', async () => {
      const values = [
        1n,
        undefined,
        new Date(5),
        new Map([['a', new Set([1])]]),
        Float32Array.of(1.5, Number.NaN),
        { a: [null] },
      ]
      const loose = host as unknown as Host
      expect(await loose.call('echo', values)).toEqual({ args: values, context: ['logger', 'onProgress', 'signal'] })
      const view = new Uint8Array(1000).subarray(10, 13)
      expect(await host.call('byteLength', [view])).toBe(3)
    })

    test('types: arguments without the context, results awaited, items of streams', () => {
      type Increment = typeof host.call<'increment'>
      expectTypeOf<Parameters<Increment>[1]>().toEqualTypeOf<[by: number]>()
      expectTypeOf<Awaited<ReturnType<Increment>>>().toEqualTypeOf<string>()
      expectTypeOf(host.stream('numbers', [1, 2])).toEqualTypeOf<AsyncIterableIterator<number>>()
      expectTypeOf(host.stream('letters', [])).toEqualTypeOf<AsyncIterableIterator<string>>()
    })

    test('streams keep order, and give the return value', async () => {
      expect(await collect(host.stream('numbers', [100, 0]))).toEqual(Array.from({ length: 100 }, (_, i) => i))
      const stream = host.stream('numbers', [1, 0])
      expect(await stream.next()).toEqual({ done: false, value: 0 })
      expect(await stream.next()).toEqual({ done: true, value: 'all' })
      expect(await stream.next()).toEqual({ done: true, value: undefined })
      expect(await collect(host.stream('letters', []))).toEqual(['a', 'b', 'c'])
    })

    test('several next() at once are answered in order', async () => {
      const stream = host.stream('numbers', [3, 1])
      const results = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()])
      expect(results.map(r => r.value)).toEqual([0, 1, 2, 'all'])
    })

    test('a stream starts with its first next(), and runs no further ahead than asked', async () => {
      const before = await host.call('counters', [])
      const stream = host.stream('numbers', [50, 0], { ahead: 4 })
      await pause(30)
      expect(await host.call('counters', [])).toEqual(before)
      expect(await stream.next()).toEqual({ done: false, value: 0 })
      const produced = async () => (await host.call('counters', [])).produced - before.produced
      await vi.waitFor(async () => expect(await produced()).toBe(5)) // the one read, and 4 ahead
      await pause(50)
      expect(await produced()).toBe(5)
      expect((await collect(stream)).length).toBe(49)
    })

    test('leaving a loop early ends the hosted iteration', async () => {
      const before = await host.call('counters', [])
      for await (const i of host.stream('numbers', [1000, 0], { ahead: 2 })) if (i === 3) break
      const after = await host.call('counters', [])
      expect(after.cleaned).toBe(before.cleaned + 1)
      expect(after.produced - before.produced).toBeLessThan(8)
    })

    test('leaving while the next item is being made aborts that', async () => {
      const { cleaned } = await host.call('counters', [])
      const stream = host.stream('numbers', [5, 60_000])
      const first = stream.next()
      await pause(20)
      expect(await stream.return!()).toEqual({ done: true, value: undefined })
      expect(await first).toEqual({ done: true, value: undefined })
      expect((await host.call('counters', [])).cleaned).toBe(cleaned + 1)
    })

    test('an error ends a stream after what came before it', async () => {
      const items: number[] = []
      const error = await failure(
        (async () => {
          for await (const i of host.stream('breaks', [3])) items.push(i)
        })(),
      )
      expect(items).toEqual([0, 1, 2])
      expect(isVisCPMError(error, 'FILE_FORMAT')).toBe(true)
    })

    test('what cannot be iterated, or is not there, or cannot be copied, is an argument error', async () => {
      const codes = await Promise.all([
        failure(host.stream('increment', [1]).next()),
        failure((host as unknown as Host).call('missing', [])),
        failure((host as unknown as Host).call('name', [])),
        failure((host as unknown as Host).call('echo', [() => 1])),
        failure(host.call('returnsFunction', [])),
      ])
      for (const error of codes) expect(isVisCPMError(error, 'INVALID_ARGUMENT'), String(error)).toBe(true)
      expect(() => host.stream('letters', [], { ahead: 0 })).toThrow('ahead: must be a whole number from 1 on, not 0')
    })

    test.each(['waits', 'waitsInTimer'] as const)('aborting %s rejects with the reason itself', async method => {
      const controller = new AbortController()
      const reason = new Error('changed my mind')
      const call = failure(host.call(method, [], { signal: controller.signal }))
      await pause(20)
      controller.abort(reason)
      expect(await call).toBe(reason)
    })

    test('a signal that is aborted already sends nothing', async () => {
      const { produced } = await host.call('counters', [])
      const signal = AbortSignal.abort('why not')
      expect(await failure(host.call('increment', [1], { signal }))).toBe('why not')
      expect(await failure(host.stream('numbers', [3, 0], { signal }).next())).toBe('why not')
      expect((await host.call('counters', [])).produced).toBe(produced)
    })

    test('a method that ignores its signal finishes, as it would here', async () => {
      const controller = new AbortController()
      const call = host.call('ignoresAbort', [], { signal: controller.signal })
      controller.abort()
      expect(await call).toBe('finished all the same')
    })

    test.each(['numbers', 'stubborn'] as const)(
      'aborting the stream %s at any item leaves the host usable',
      async method => {
        for (let at = 0; at < 6; at++) {
          const { cleaned } = await host.call('counters', [])
          const controller = new AbortController()
          const { signal } = controller
          const stream =
            method === 'numbers'
              ? host.stream('numbers', [1000, 1], { signal })
              : host.stream('stubborn', [], { signal })
          const seen: number[] = []
          const error = await failure(
            (async () => {
              for await (const i of stream) {
                seen.push(i)
                if (i === at) controller.abort(new Error('enough'))
              }
            })(),
          )
          expect(error).toBe(signal.reason)
          expect(seen).toEqual(Array.from({ length: at + 1 }, (_, i) => i))
          expect((await host.call('counters', [])).cleaned).toBe(cleaned + 1)
        }
      },
    )

    test('typed errors keep class, code, message, fields, hint and causes', async () => {
      const error = await failure(host.call('fails', ['file']))
      expect(isVisCPMError(error, 'FILE_FORMAT')).toBe(true)
      expect(error).toMatchObject({
        name: 'FileFormatError',
        message: 'weights.pt: not a zip (at byte 7)',
        file: 'weights.pt',
        offset: 7,
        hint: 'Download it again.',
      })
      const { FileFormatError, MissingKeyError } = await import('../errors.js')
      expect(error).toBeInstanceOf(FileFormatError)
      const { cause } = error as Error
      expect(cause).toBeInstanceOf(MissingKeyError)
      expect(cause).toMatchObject({ keys: ['a', 'b'] })
      expect((cause as Error).cause).toBeInstanceOf(TypeError)
      expect(await failure(host.call('fails', ['blocked']))).toMatchObject({
        code: 'BLOCKED',
        verdicts: [{ decision: 'block', checker: 'x' }],
      })
    })

    test('other errors keep what they can', async () => {
      expect(await failure(host.call('fails', ['range']))).toBeInstanceOf(RangeError)
      const dom = await failure(host.call('fails', ['dom']))
      expect(dom).toBeInstanceOf(DOMException)
      expect(dom).toMatchObject({ name: 'TimeoutError', message: 'took too long' })
      expect(await failure(host.call('fails', ['string']))).toBe('just text')
      const own = await failure(host.call('fails', ['own']))
      expect(own).toMatchObject({ name: 'OwnError', message: 'own', extra: 5 })
      expect((own as Error).stack).toContain('hosted.ts')
    })

    test('progress arrives in order and before the result; a throwing listener ends only its call', async () => {
      const seen: Progress[] = []
      expect(await host.call('report', [], { onProgress: p => seen.push(p) })).toBe('reported')
      expect(seen.map(p => p.done)).toEqual([1, 2, 3])
      const options = {
        onProgress() {
          throw new Error('listener')
        },
      }
      expect(['reported', 'Error: listener']).toContain(String(await host.call('report', [], options).catch(String)))
    })

    test('marked buffers are moved to a thread, copied to a process', async () => {
      const mine = new Uint8Array(1000)
      expect(await host.call('byteLength', [transfer(mine, [mine.buffer])])).toBe(1000)
      expect(mine.byteLength).toBe(kind === 'worker' ? 0 : 1000)
      const kept = new Uint8Array(1000)
      await host.call('byteLength', [kept])
      expect(kept.byteLength).toBe(1000)
      expect((await host.call('moved', [64])).data).toEqual(new Uint8Array(64).fill(7))
    })

    test('this event loop stays free while the hosted side is busy', async () => {
      let ticks = 0
      const timer = setInterval(() => ticks++, 5)
      await host.call('busy', [800])
      clearInterval(timer)
      // A loop that was held up would have ticked once, at the end.
      expect(ticks).toBeGreaterThan(5)
    })
  })

  test('loading reports progress and logs, and its signal does not reach beyond it', async () => {
    const progress: Progress[] = []
    const logged: unknown[] = []
    const log = (level: string) => (message: string, fields?: object) => void logged.push([level, message, fields])
    const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
    const controller = new AbortController()
    const host = await create(kind, {
      export: 'create',
      onProgress: p => progress.push(p),
      logger,
      signal: controller.signal,
    })
    controller.abort()
    expect(progress).toEqual([{ phase: 'load', done: 1, total: 1 }])
    await host.call('report', [])
    await host.dispose()
    expect(logged).toEqual([
      ['debug', 'created', { name: 'first' }],
      ['warn', 'half way', { done: 2 }],
      ['info', 'with something uncopyable', undefined],
      ['info', 'first disposed', undefined], // its own dispose() ran, and its last words arrived
    ])
  })

  test('two hosts do not share anything', async () => {
    const [a, b] = await Promise.all([create(kind, { args: ['a'] }), create(kind, { args: ['b'] })])
    const answers = await Promise.all([1, 2, 3].flatMap(n => [a.call('increment', [n]), b.call('increment', [10 * n])]))
    expect(answers).toEqual(['a 1', 'b 10', 'a 3', 'b 30', 'a 6', 'b 60'])
    const [left, right] = await Promise.all([collect(a.stream('numbers', [20, 1])), collect(b.stream('letters', []))])
    expect([left.length, right.length]).toEqual([20, 3])
    await Promise.all([a.dispose(), b.dispose()])
  })

  test.each([
    ['exit', [3], /exit code 3/],
    ['throwLater', [], kind === 'worker' ? /nobody caught this/ : /exit code 1/],
    ...(kind === 'process' ? [['segfault', [], /SIGKILL/] as const] : []),
  ] as const)('a crash by %s fails what is pending and all that follows', async (method, args, message) => {
    const host = await create(kind)
    const stream = host.stream('numbers', [1000, 5])
    await stream.next()
    const pending = [failure(host.call('waits', [])), failure(collect(stream))]
    const crash = failure(host.call(method, args as never))
    for (const error of [
      ...(await Promise.all(pending)),
      method === 'exit' ? await crash : await failure(host.call('letters', [])),
    ]) {
      expect(isVisCPMError(error, 'HOST_CRASHED'), String(error)).toBe(true)
      expect((error as Error).message).toMatch(message)
    }
    expect(isVisCPMError(await failure(host.call('letters', [])), 'HOST_CRASHED')).toBe(true)
    expect(isVisCPMError(await failure(host.stream('letters', []).next()), 'HOST_CRASHED')).toBe(true)
    await host.dispose()
  })

  test('dispose aborts what runs, waits for it, and is final', async () => {
    const host = await create(kind)
    const pending = [failure(host.call('waits', [])), failure(host.stream('numbers', [9, 60_000]).next())]
    const stubborn = host.call('ignoresAbort', [])
    await pause(10)
    await Promise.all([host.dispose(), host.dispose()])
    for (const error of await Promise.all(pending)) expect(isVisCPMError(error, 'DISPOSED'), String(error)).toBe(true)
    expect(await stubborn).toBe('finished all the same')
    expect(isVisCPMError(await failure(host.call('letters', [])), 'DISPOSED')).toBe(true)
    await host.dispose()
  })

  test.each([
    ['createFailing', 'MISSING_KEY', 'llm.weight'],
    ['createNothing', 'INVALID_ARGUMENT', 'did not return an object'],
    ['notAFunction', 'INVALID_ARGUMENT', "exports no function 'notAFunction'"],
  ] as const)('a factory %s rejects with %s', async (name, code, message) => {
    const error = await failure(create(kind, { export: name }))
    expect(isVisCPMError(error, code), String(error)).toBe(true)
    expect((error as Error).message).toContain(message)
  })

  test('a module that is not there is named', async () => {
    const error = await failure(create(kind, { module: new URL('./nowhere.mjs', import.meta.url) }))
    expect(isVisCPMError(error, 'INVALID_ARGUMENT') && error.message).toContain('nowhere.mjs')
  })

  test('loading can be aborted', async () => {
    const controller = new AbortController()
    const loading = failure(create(kind, { export: 'createSlowly', args: [], signal: controller.signal }))
    setTimeout(() => controller.abort('too slow'), 300)
    expect(await loading).toBe('too slow')
    expect(await failure(create(kind, { signal: AbortSignal.abort('before') }))).toBe('before')
  })

  test('an idle host does not keep the program alive, and keeps off its standard output', async () => {
    const hooks = new URL('../host/node-source-hooks.mjs', import.meta.url).href
    const register = `data:text/javascript,import { register } from 'node:module'; register(${JSON.stringify(hooks)})`
    const script = fileURLToPath(new URL('../host/fixtures/idle.ts', import.meta.url))
    const run = promisify(execFile)(process.execPath, ['--import', register, script, kind], { timeout: 50_000 })
    const { stdout, stderr } = await run
    expect(stdout).toBe('idle 2\n')
    expect(stderr).toContain('from the hosted side\n')
  })
})

test('force ends a busy process at once', async () => {
  const host = await create('process')
  const call = failure(host.call('busy', [600_000]))
  await pause(20)
  await host.dispose({ force: true })
  expect(isVisCPMError(await call, 'DISPOSED')).toBe(true)
})

test('Ctrl-C, which reaches every process of a terminal, does not end a hosted one', async () => {
  const host = await create('process')
  expect(await host.call('interruptItself', [])).toBe('still here')
  await host.dispose()
})

test('force after a dispose that waits still ends it', async () => {
  const host = await create('process')
  void failure(host.call('busy', [600_000]))
  const graceful = host.dispose()
  await host.dispose({ force: true })
  await graceful
})

test('force is refused for a thread, which goes on', async () => {
  const host = await create('worker')
  const error = await failure(host.dispose({ force: true }))
  expect(isVisCPMError(error, 'INVALID_ARGUMENT') && error.hint).toContain("kind: 'process'")
  expect(await host.call('letters', [])).toEqual(['a', 'b', 'c'])
  await host.dispose()
})

test('wrong modules and kinds are refused before anything starts', async () => {
  expect(await failure(createHost({ module: 'some-package' }))).toMatchObject({
    code: 'INVALID_ARGUMENT',
    hint: expect.stringContaining("import.meta.resolve('some-package')"),
  })
  expect(await failure(createHost({ module, kind: 'thread' as 'worker' }))).toMatchObject({ argument: 'kind' })
})
