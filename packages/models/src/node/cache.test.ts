import { randomBytes } from 'node:crypto'
import { lstat, open, readdir, readFile, rm, stat, type symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeHub, gitSha1, sha256 } from '../fixtures/fake-hub.js'
import { tempFolder } from '../fixtures/temp-folder.js'
import { testZoo } from '../fixtures/test-zoo.js'
import { HubClient } from './client.js'
import { downloadFile } from './download-file.js'
import { downloadModel, findDownloaded, listModels, removeDownloaded, verifyDownloaded } from './index.js'
import { checkedPath, placesOf } from './layout.js'
import { settingsOf } from './settings.js'

const weights = randomBytes(200_000)
const zoo = testZoo({ weights, vocabulary: Buffer.from('bee') })
const commit = 'c'.repeat(40)
const config = Buffer.from('{"a": 1}\n')

let folder: string
let hub: FakeHub

beforeEach(async () => {
  folder = await tempFolder()
  hub = await FakeHub.start()
  for (const { repo, commit, bytes } of zoo.served)
    hub.repos.set(repo, { commit, files: Object.fromEntries(Object.entries(bytes).map(([k, v]) => [k, { bytes: v }])) })
  hub.repos.set('fake/id', { commit, files: { 'model.bin': { bytes: weights }, 'config.json': { bytes: config } } })
})
afterEach(async () => {
  await hub.stop()
  await rm(folder, { recursive: true, force: true })
})

const options = () => ({
  ...{ zoo: zoo.models, endpoints: [hub.endpoint], acceptLicense: true, backoff: 1, retries: 1 },
  env: { HF_HOME: folder },
})
const blob = (repo: string, name: string) => join(folder, 'hub', `models--${repo}`, 'blobs', name)

async function flipBit(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  const byte = Buffer.alloc(1)
  await handle.read(byte, 0, 1, 3)
  await handle.write(Buffer.from([byte[0]! ^ 1]), 0, 1, 3)
  await handle.close()
}

describe('verifyDownloaded', () => {
  it('says of every file that it is good, and who says so', async () => {
    await downloadModel('test-paint', options())
    const { files } = await verifyDownloaded('test-paint', options())
    expect(files.map(({ path, state, evidence }) => [path, state, evidence])).toEqual([
      ['weights.bin', 'good', 'published'],
      ['vocab.txt', 'good', 'published'],
      ['vae.bin', 'good', 'published'],
    ])
    expect(files[0]).toMatchObject({ size: weights.length, sha256: sha256(weights) })
    await downloadModel('fake/id', options())
    expect((await verifyDownloaded('fake/id', options())).files).toMatchObject([
      { path: 'model.bin', state: 'good', evidence: 'hub' },
      { path: 'config.json', state: 'good', evidence: 'hub' },
    ])
  })

  it('finds one bit that has changed, and a file that is gone', async () => {
    const { folder: snapshot } = await downloadModel('test-paint', options())
    await flipBit(blob('test--paint', sha256(weights)))
    await rm(join(snapshot, 'vocab.txt'))
    const { files } = await verifyDownloaded('test-paint', options())
    expect(files.map(({ state }) => state)).toEqual(['changed', 'missing', 'good'])
    expect(files[0]!.problem).toContain('SHA-256')
  })

  it('knows nothing better than what came where the server had no hash, and says so', async () => {
    hub.options = {
      noLists: true,
      misbehave: ({ response, bytes }) => {
        response.writeHead(200, { etag: '"v1"', 'content-length': bytes.length })
        response.end(bytes)
        return true
      },
    }
    await downloadModel('test/ranker', options())
    expect((await verifyDownloaded('test/ranker', options())).files).toMatchObject([
      { path: 'ranker.bin', state: 'good', evidence: 'recorded' },
    ])
    await flipBit(blob('test--ranker', sha256(Buffer.from('ranker'))))
    expect((await verifyDownloaded('test/ranker', options())).files[0]!.state).toBe('changed')
  })

  it('goes by the names that other tools give the bytes', async () => {
    await downloadModel('fake/id', options())
    await rm(join(folder, 'hub', 'models--fake--id', '.viscpm', `${gitSha1(config)}.json`))
    expect((await verifyDownloaded('fake/id', options())).files[1]).toMatchObject({ state: 'good', evidence: 'hub' })
    await flipBit(blob('fake--id', gitSha1(config)))
    expect((await verifyDownloaded('fake/id', options())).files[1]!.state).toBe('changed')
  })

  it('tells of progress, stops when told to, and asks nobody', async () => {
    await downloadModel('test-paint', options())
    const asked = hub.requests.length
    const done: number[] = []
    await verifyDownloaded('test-paint', { ...options(), onProgress: progress => done.push(progress.done) })
    expect(done.at(-1)).toBeGreaterThan(weights.length)
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(verifyDownloaded('test-paint', { ...options(), signal })).rejects.toThrow('enough')
    await expect(verifyDownloaded('openbmb/VisCPM-Chat', { env: { HF_HOME: folder } })).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
    })
    expect(hub.requests.length).toBe(asked)
  })
})

describe('listModels', () => {
  it('lists the zoo and what else is there, with states', async () => {
    const states = async () => Object.fromEntries((await listModels(options())).map(({ id, state }) => [id, state]))
    const none = { 'test/paint:small': 'absent', 'test/paint:other': 'absent', 'test/ranker': 'absent' }
    expect(await states()).toEqual(none)
    await downloadModel('test-paint', options())
    const small = { ...none, 'test/paint:small': 'complete', 'test/ranker': 'complete' }
    expect(await states()).toEqual(small)
    await downloadModel('fake/id', options())
    expect(await states()).toEqual({ ...small, 'fake/id': 'complete' })
    await rm(blob('test--paint', sha256(Buffer.from('bee'))))
    await rm(join(folder, 'hub', 'models--fake--id', '.viscpm'), { recursive: true })
    expect(await states()).toEqual({ ...small, 'test/paint:small': 'partial', 'fake/id': 'unknown' })
    const [first] = await listModels(options())
    expect(first).toMatchObject({ size: expect.any(Number), folder: expect.stringContaining('snapshots') })
    expect(first!.bytes).toBe(weights.length + 'a VAE as torch has it'.length)
  })
})

describe('removeDownloaded', () => {
  it('removes what only that variant has', async () => {
    const other = Buffer.from('the other')
    hub.repos.set('test/paint', {
      commit: 'a'.repeat(40),
      files: Object.fromEntries(
        Object.entries({ ...zoo.served[0]!.bytes, 'other.bin': other }).map(([k, v]) => [k, { bytes: v }]),
      ),
    })
    await downloadModel('test/paint:small', options())
    const { folder: snapshot } = await downloadModel('test/paint:other', options())
    expect(await removeDownloaded('test/paint:small', options())).toMatchObject({ bytes: expect.any(Number) })
    expect((await readdir(snapshot)).sort()).toEqual(['other.bin', 'vae.bin', 'vocab.txt'])
    expect(await stat(blob('test--paint', sha256(weights))).catch(() => 'gone')).toBe('gone')
    expect((await verifyDownloaded('test/paint:other', options())).files.every(({ state }) => state === 'good')).toBe(
      true,
    )
    const { bytes } = await removeDownloaded('test/paint:other', options())
    expect(bytes).toBeGreaterThan(other.length)
    expect(await readdir(join(folder, 'hub'))).not.toContain('models--test--paint')
    // Companions are models of their own.
    expect(await findDownloaded('test/ranker', options())).toBeDefined()
  })

  it('refuses what is not there, and what somebody is downloading', async () => {
    await expect(removeDownloaded('fake/id', options())).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
    let answer: (() => void) | undefined
    hub.options = {
      misbehave: ({ response, bytes, etag, path }) => {
        if (path !== 'model.bin') return false
        response.writeHead(200, { etag, 'content-length': bytes.length })
        answer = () => response.end(bytes)
        return true
      },
    }
    const downloading = downloadModel('fake/id', options())
    while (!answer) await new Promise(resolve => setTimeout(resolve, 5))
    await expect(removeDownloaded('fake/id', options())).rejects.toMatchObject({ code: 'WRITE_FAILED' })
    answer()
    expect((await downloading).files.length).toBe(2)
    expect(await removeDownloaded('fake/id', options())).toMatchObject({ id: 'fake/id' })
    expect(await findDownloaded('fake/id', options())).toBeUndefined()
  })
})

describe('a system without links', () => {
  it('gets copies, which are verified and removed like links', async () => {
    const settings = settingsOf(options())
    const client = new HubClient(settings)
    const places = placesOf(settings.cacheDir, 'test/ranker')
    const link: typeof symlink = async () => {
      throw Object.assign(new Error('no links here'), { code: 'EPERM' })
    }
    const file = {
      ...{ path: 'ranker.bin', size: 6, evidence: undefined },
      urls: [`${hub.endpoint}/test/ranker/resolve/main/ranker.bin`],
    }
    const path = await downloadFile(places, 'b'.repeat(40), file, { client, settings, link })
    await client.close()
    expect((await lstat(path)).isSymbolicLink()).toBe(false)
    expect(await readFile(path, 'utf8')).toBe('ranker')
    const verified = async () => (await verifyDownloaded('test/ranker', options())).files
    expect(await verified()).toMatchObject([{ state: 'good', evidence: 'hub' }])
    await writeFile(path, 'ranked')
    expect(await verified()).toMatchObject([{ state: 'changed' }])
  })
})

describe('checkedPath', () => {
  it.each(['a', 'a/b.bin', 'vae/config.json', '中文/é.txt', '.gitignore'])('lets %s pass', path =>
    expect(checkedPath(path)).toBe(path),
  )
  it.each([
    '',
    '.',
    '..',
    '/a',
    'a/',
    'a//b',
    'a/../b',
    '..\\a',
    'a\\b',
    'C:/a',
    'a\nb',
    'con',
    'LPT1.txt',
    'a.',
    'a ',
    'x'.repeat(2000),
  ])('refuses %j', path => expect(() => checkedPath(path)).toThrow('leave the cache'))
})
