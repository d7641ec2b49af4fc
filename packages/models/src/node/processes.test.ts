import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeHub, sha256 } from '../fixtures/fake-hub.js'
import { tempFolder } from '../fixtures/temp-folder.js'
import { downloadModel } from './index.js'

const commit = 'c'.repeat(40)
const weights = randomBytes(400_000)
const name = sha256(weights)
const program = fileURLToPath(new URL('../fixtures/download-process.mjs', import.meta.url))

let folder: string
let hub: FakeHub
const children: ChildProcess[] = []

beforeEach(async () => {
  folder = await tempFolder()
  hub = await FakeHub.start()
  hub.repos.set('fake/id', { commit, files: { 'model.bin': { bytes: weights } } })
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await hub.stop()
  await rm(folder, { recursive: true, force: true })
})

function start(): { child: ChildProcess; output: () => string; ended: Promise<number | null> } {
  const child = spawn(process.execPath, [program, hub.endpoint, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  let text = ''
  child.stdout!.on('data', chunk => {
    text += chunk
  })
  return { child, output: () => text, ended: new Promise(resolve => child.once('exit', resolve)) }
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 10))
}

const options = () => ({ endpoints: [hub.endpoint], acceptLicense: true, backoff: 1, env: { HF_HOME: folder } })
const blobs = () => join(folder, 'hub', 'models--fake--id', 'blobs')
const locks = () => join(folder, 'hub', '.locks', 'models--fake--id')

// Each of them compiles the sources, where that was not done before.
describe('several processes', { timeout: 180_000 }, () => {
  it('that want the same model: one fetches it, all have it', async () => {
    // Held back until all have come.
    const held: (() => void)[] = []
    hub.options = {
      misbehave: ({ request, response, bytes, etag }) => {
        held.push(() => {
          response.writeHead(200, { etag, 'content-length': bytes.length })
          response.end(bytes)
        })
        return request.url !== undefined
      },
    }
    const all = Array.from({ length: 3 }, start)
    await until(() => held.length > 0 && all.filter(one => one.output().includes('wait ')).length === 2)
    for (const answer of held) answer()
    expect(await Promise.all(all.map(({ ended }) => ended))).toEqual([0, 0, 0])
    expect(hub.fileRequests).toBe(1)
    const said = all.map(one => one.output().trim().split('\n').at(-1))
    expect(new Set(said).size).toBe(1)
    expect(await readdir(blobs())).toEqual([name])
    expect(weights.equals(await readFile(join(blobs(), name)))).toBe(true)
    expect(await readdir(locks())).toEqual([])
  })

  it('of which the one that fetches is killed: another goes on from where it was', async () => {
    hub.options = {
      misbehave: ({ request, response, bytes, etag }) => {
        if (request.headers.range) return false
        response.writeHead(200, { etag, 'content-length': bytes.length })
        response.write(bytes.subarray(0, 150_000))
        return true
      },
    }
    const first = start()
    await until(() => first.output().includes('download 150000'))
    const second = start()
    await until(() => second.output().includes('wait '))
    first.child.kill('SIGKILL')
    expect(await second.ended).toBe(0)
    expect(hub.requests.flatMap(({ headers }) => headers.range ?? [])).toEqual(['bytes=150000-'])
    expect(weights.equals(await readFile(join(blobs(), name)))).toBe(true)
  })

  it.each([
    ['a process that is gone', { pid: 2 ** 22 + 12345, host: hostname(), began: '1' }],
    ['another process, which has got its number since', { pid: process.pid, host: hostname(), began: '1' }],
  ])('a lock of %s is taken over', async (_, owner) => {
    await mkdir(locks(), { recursive: true })
    await writeFile(join(locks(), `${name}.viscpm.lock`), `${JSON.stringify(owner)}\n`)
    await downloadModel('fake/id', options())
    expect(weights.equals(await readFile(join(blobs(), name)))).toBe(true)
    expect(await readdir(locks())).toEqual([])
  })

  it('a lock of a process on another machine is respected', async () => {
    await mkdir(locks(), { recursive: true })
    const owner = { pid: 1, host: 'another-machine', began: '1' }
    await writeFile(join(locks(), `${name}.viscpm.lock`), `${JSON.stringify(owner)}\n`)
    const stop = new AbortController()
    const onProgress = ({ phase }: { phase: string }) => phase === 'wait' && stop.abort(new Error('waited'))
    await expect(downloadModel('fake/id', { ...options(), signal: stop.signal, onProgress })).rejects.toThrow('waited')
    expect(hub.fileRequests).toBe(0)
  })
})
