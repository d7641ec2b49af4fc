import { readFile } from 'node:fs/promises'
import type { ModelWorkerOptions } from '@viscpm/server'
import { describe, expect, it } from 'vitest'
import { start, until } from '../../fixtures/harness.js'

const deploy = (name: string): Promise<string> =>
  readFile(new URL(`../../../../../docs/deploy/${name}`, import.meta.url), 'utf8')

/** Arguments of the worker in a compose file: the lines below `command: >-`. */
async function composed(): Promise<string[]> {
  const text = await deploy('compose.yaml')
  const command = /command: >-\n((?: {6}.*\n)+)/g
  const all = [...text.matchAll(command)].map(([, lines = '']) => lines.trim().split(/\s+/))
  return all.find(([name]) => name === 'worker') ?? []
}

/** The same in a manifest: a list. */
async function manifested(): Promise<string[]> {
  const text = await deploy('kubernetes.yaml')
  const all = [...text.matchAll(/args:\n((?: +- .*\n)+)/g)].map(([, lines = '']) =>
    lines
      .trim()
      .split('\n')
      .map(line => line.trim().slice(2)),
  )
  return all.find(([name]) => name === 'worker') ?? []
}

describe.each([
  ['compose.yaml', composed],
  ['kubernetes.yaml', manifested],
])('docs/deploy/%s', (_, argsOf) => {
  it('calls the worker as it can be called', async () => {
    const asked: ModelWorkerOptions[] = []
    const startModelWorker = async (options: ModelWorkerOptions): Promise<never> => {
      asked.push(options)
      throw new Error('started')
    }
    const args = await argsOf()
    const running = start(args, { services: { startModelWorker } })
    await until(() => asked.length === 1, `accepted: ${args.join(' ')} ${running.stderr()}`)
    await running.exitCode
    expect(asked[0]).toMatchObject({
      queue: 'redis://redis:6379',
      models: [
        { id: 'chat', where: '/models/chat-int4' },
        { id: 'paint', where: '/models/paint-int8' },
      ],
    })
  })
})
