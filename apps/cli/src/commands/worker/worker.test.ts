import type { ModelWorker, ModelWorkerOptions } from '@viscpm/server'
import { describe, expect, it } from 'vitest'
import { type RunOptions, run, start, until } from '../../fixtures/harness.js'

function fake(work: (options: ModelWorkerOptions) => Promise<void> = async () => {}) {
  const asked: ModelWorkerOptions[] = []
  const closed: (number | undefined)[] = []
  let finish = () => {}
  const finished = new Promise<void>(resolve => {
    finish = resolve
  })
  const startModelWorker = async (options: ModelWorkerOptions): Promise<ModelWorker> => {
    asked.push(options)
    await work(options)
    return {
      name: options.name ?? 'here:1',
      queue: 'redis://127.0.0.1:6379',
      models: [
        { id: 'tiny', kind: 'chat' },
        { id: 'tiny', kind: 'paint' },
      ],
      running: 2,
      concurrency: 3,
      threads: 4,
      async close(end) {
        closed.push(end?.drain)
        if (end?.drain === 0) finish()
        await finished
      },
    }
  }
  return { asked, closed, finish: () => finish(), services: { startModelWorker } }
}

const queue = ['--queue', 'redis://:secret@127.0.0.1:6379']

describe('worker', () => {
  it('asks for what the options say', async () => {
    const { asked, closed, finish, services } = fake()
    const models = [
      '--model',
      'chat=./chat-int4',
      '--model',
      'openbmb/VisCPM-Paint',
      '--memory',
      '8g',
      '--threads',
      '2',
    ]
    const running = start(
      ['worker', ...queue, ...models, '--concurrency', '3', '--name', 'one', '--drain', '5', '--json'],
      {
        services,
      },
    )
    await until(() => running.stderr().includes('Ctrl-C ends it'), 'ready')
    expect(JSON.parse(running.stdout())).toMatchObject({
      name: 'one',
      queue: 'redis://127.0.0.1:6379',
      concurrency: 3,
      threads: 4,
    })
    expect(running.stderr()).toContain('tiny (chat, paint): 3 at once, threads each: 4')
    expect(running.stderr()).not.toContain('secret')
    const { logger: _, ...rest } = asked[0]!
    expect(rest).toEqual({
      queue: queue[1],
      models: [
        { id: 'chat', where: './chat-int4' },
        { id: 'openbmb/VisCPM-Paint', where: 'openbmb/VisCPM-Paint' },
      ],
      safety: { preset: 'strict', threads: 2 },
      concurrency: 3,
      name: 'one',
      threads: 2,
      memory: '8g',
    })
    running.interrupt()
    finish()
    expect(await running.exitCode).toBe(0)
    expect(closed).toEqual([5000])
    expect(running.listeners()).toBe(0)
  })

  it('takes the queue from the environment, and the rest from the library', async () => {
    const { asked, finish, services } = fake()
    const env = { VISCPM_QUEUE: 'redis://queue', LC_ALL: 'zh_CN.UTF-8' }
    const running = start(['worker', '--only', 'paint'], { services, env })
    await until(() => running.stderr().includes('按 Ctrl-C 结束'), 'ready')
    const { logger: _, ...rest } = asked[0]!
    expect(rest).toEqual({
      queue: 'redis://queue',
      models: [{ id: 'tiny', where: 'tiny' }],
      safety: { preset: 'strict' },
      only: 'paint',
    })
    running.interrupt()
    finish()
    await running.exitCode
  })

  it('gives back at once what is in work, when it is told twice', async () => {
    const { closed, services } = fake()
    const running = start(['worker', ...queue], { services })
    await until(() => running.stderr().includes('Ctrl-C ends it'), 'ready')
    running.interrupt()
    await until(() => running.stderr().includes('those in work (2)'), 'draining')
    running.interrupt()
    expect(await running.exitCode).toBe(0)
    expect(closed).toEqual([30_000, 0])
  })

  it('ends while it loads', async () => {
    let loaded = () => {}
    const { closed, services } = fake(() => new Promise(resolve => (loaded = resolve)))
    const running = start(['worker', ...queue], { services })
    await until(() => running.listeners() === 1 && running.stderr().includes('Loading'), 'loading')
    running.interrupt()
    expect(await running.exitCode).toBe(0)
    loaded()
    await until(() => closed.length === 1, 'closed')
    expect(closed).toEqual([0])
  })

  const refused: readonly (readonly [string, readonly string[], RunOptions, string])[] = [
    ['no queue', [], {}, 'VISCPM_QUEUE'],
    ['another kind', [...queue, '--only', 'sing'], {}, '--only'],
    ['no jobs at once', [...queue, '--concurrency', '0'], {}, '--concurrency'],
    ['a model without a place', [...queue, '--model', 'chat='], {}, '--model'],
    ['a checker that is never asked', [...queue, '--image-checker', 'x', '--safety', 'off'], {}, '--image-checker'],
  ]
  it.each(refused)('refuses %s', async (_, args, options, named) => {
    const { asked, services } = fake()
    const { code, stderr } = await run(['worker', ...args], { ...options, services })
    expect(code).toBe(2)
    expect(stderr).toContain(named)
    expect(asked).toEqual([])
  })

  it('says what is wrong with the queue before it loads anything', async () => {
    const { code, stderr } = await run(['worker', '--queue', 'http://:secret@127.0.0.1', '--model', 'nowhere'])
    expect(code).toBe(2)
    expect(stderr).toContain('redis://')
    expect(stderr).not.toContain('secret')
  })

  it('helps in both languages', async () => {
    expect((await run(['worker', '--help'])).stdout).toContain('VISCPM_REDIS_PASSWORD')
    expect((await run(['worker', '--help', '--lang', 'zh'])).stdout).toContain('进程列表')
  })
})
