import { readFile } from 'node:fs/promises'
import type { ModelWorkerOptions } from '@viscpm/server'
import { describe, expect, it } from 'vitest'
import { start, until } from '../../fixtures/harness.js'

const deploy = (name: string): Promise<string> =>
  readFile(new URL(`../../../../../docs/deploy/${name}`, import.meta.url), 'utf8')

/** Arguments of the workers in a compose file: the lines below `command: >-`. */
async function composed(): Promise<string[][]> {
  const text = await deploy('compose.yaml')
  const command = /command: >-\n((?: {6}.*\n)+)/g
  const all = [...text.matchAll(command)].map(([, lines = '']) => lines.trim().split(/\s+/))
  return all.filter(([name]) => name === 'worker')
}

/** The same in a manifest: lists. */
async function manifested(): Promise<string[][]> {
  const text = await deploy('kubernetes.yaml')
  const all = [...text.matchAll(/args:\n((?: +- .*\n)+)/g)].map(([, lines = '']) =>
    lines
      .trim()
      .split('\n')
      .map(line => line.trim().slice(2)),
  )
  return all.filter(([name]) => name === 'worker')
}

const [chat, paint] = [
  { id: 'chat', where: '/models/chat-int4' },
  { id: 'paint', where: '/models/paint-int8' },
]

describe.each([
  ['compose.yaml', composed, [{ models: [chat, paint] }]],
  [
    'kubernetes.yaml',
    manifested,
    [
      { only: 'chat', models: [chat] },
      { only: 'paint', models: [paint] },
    ],
  ],
])('docs/deploy/%s', (_, argsOf, expected) => {
  it('calls the workers as they can be called', async () => {
    const asked: ModelWorkerOptions[] = []
    const startModelWorker = async (options: ModelWorkerOptions): Promise<never> => {
      asked.push(options)
      throw new Error('started')
    }
    const workers = await argsOf()
    expect(workers.length).toBe(expected.length)
    for (const [i, args] of workers.entries()) {
      const running = start(args, { services: { startModelWorker } })
      await until(() => asked.length === i + 1, `accepted: ${args.join(' ')} ${running.stderr()}`)
      await running.exitCode
      expect(asked[i]).toMatchObject({ queue: 'redis://redis:6379', ...expected[i] })
    }
  })
})

it('docs/deploy/kubernetes.yaml scales each kind of worker by what waits for it', async () => {
  const documents = (await deploy('kubernetes.yaml')).split(/^---$/m)
  const scalers = documents.filter(text => text.includes('kind: HorizontalPodAutoscaler'))
  const followed = scalers.map(text => [
    /scaleTargetRef: .*name: ([\w-]+)/.exec(text)?.[1],
    /matchLabels: \{ kind: (\w+) \}/.exec(text)?.[1],
  ])
  expect(followed).toEqual([
    ['viscpm-chat', 'chat'],
    ['viscpm-paint', 'paint'],
  ])
  for (const [name] of followed)
    expect(documents.some(text => text.includes('kind: Deployment') && text.includes(`{ name: ${name} }`))).toBe(true)
})
