import { createHash, randomBytes } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, readlink, rm, truncate, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeHub, gitSha1, serveFile, sha256 } from '../fixtures/fake-hub.js'
import { tempFolder } from '../fixtures/temp-folder.js'
import { testZoo } from '../fixtures/test-zoo.js'
import { type DownloadProgress, downloadModel, findDownloaded } from './index.js'

let folder: string
let hub: FakeHub
const others: { stop(): Promise<void> }[] = []

beforeEach(async () => {
  folder = await tempFolder()
  hub = await FakeHub.start()
})
afterEach(async () => {
  for (const other of [hub, ...others.splice(0)]) await other.stop()
  await rm(folder, { recursive: true, force: true })
})

const commit = 'c'.repeat(40)
const weights = randomBytes(300_000)
const files = {
  'model.safetensors': { bytes: weights },
  'config.json': { bytes: Buffer.from('{"a": 1}\n') },
  'sub/vocab.txt': { bytes: Buffer.from('一\n二\n') },
  '.gitattributes': { bytes: Buffer.from('*.bin filter=lfs\n') },
}

/** Nothing of this machine's environment, short pauses, the fake hub alone. */
function options(more: object = {}) {
  return {
    env: { HF_HOME: folder, NO_PROXY: '127.0.0.1' },
    ...{ endpoints: [hub.endpoint], acceptLicense: true, backoff: 1, retries: 3, stallTimeout: 30_000 },
    ...more,
  }
}

const hubFolder = () => join(folder, 'hub', 'models--fake--id')

describe('downloadModel', () => {
  it('puts a repository into the Hugging Face layout', async () => {
    hub.repos.set('fake/id', { commit, files })
    const model = await downloadModel('fake/id', options())
    expect(model).toMatchObject({ id: 'fake/id', repo: 'fake/id', commit, kind: undefined, path: model.folder })
    expect(model.folder).toBe(join(hubFolder(), 'snapshots', commit))
    expect(await readFile(join(hubFolder(), 'refs', 'main'), 'utf8')).toBe(commit)
    const blobs = [sha256(weights), gitSha1(files['config.json'].bytes), gitSha1(files['sub/vocab.txt'].bytes)]
    expect((await readdir(join(hubFolder(), 'blobs'))).sort()).toEqual(blobs.sort())
    expect(weights.equals(await readFile(join(model.folder, 'model.safetensors')))).toBe(true)
    expect(await readlink(join(model.folder, 'sub', 'vocab.txt'))).toBe(
      `../../../blobs/${blobs.find(b => b === gitSha1(files['sub/vocab.txt'].bytes))}`,
    )
    expect(await readdir(model.folder)).not.toContain('.gitattributes')
  })

  it('fetches nothing twice, and finds it again without asking', async () => {
    hub.repos.set('fake/id', { commit, files })
    const first = await downloadModel('fake/id', options())
    const before = hub.fileRequests
    expect(before).toBe(3)
    expect(await downloadModel('fake/id', options())).toEqual(first)
    expect(hub.fileRequests).toBe(before)
    const asked = hub.requests.length
    expect(await findDownloaded('fake/id', options())).toEqual(first)
    expect(hub.requests.length).toBe(asked)
  })

  it('has an empty file too', async () => {
    hub.repos.set('fake/id', { commit, files: { 'empty.txt': { bytes: Buffer.alloc(0) } } })
    const model = await downloadModel('fake/id', options())
    expect((await readFile(join(model.folder, 'empty.txt'))).length).toBe(0)
  })

  it('tells how far it is, of each file and of all', async () => {
    hub.repos.set('fake/id', { commit, files })
    const told: DownloadProgress[] = []
    await downloadModel('fake/id', options({ onProgress: (progress: DownloadProgress) => told.push(progress) }))
    const total = weights.length + files['config.json'].bytes.length + files['sub/vocab.txt'].bytes.length
    expect(told.at(-1)).toMatchObject({ phase: 'download', done: total, total, unit: 'bytes', fileNumber: 3, files: 3 })
    expect(told.every((one, i) => i === 0 || one.done >= told[i - 1]!.done)).toBe(true)
    expect(told.find(({ file }) => file === 'model.safetensors')?.fileTotal).toBe(weights.length)
  })

  it('stops when told to, and goes on later where it was', async () => {
    hub.repos.set('fake/id', { commit, files })
    const stop = new AbortController()
    hub.options = {
      misbehave: ({ request, response, path, bytes, etag }) => {
        if (path !== 'model.safetensors' || request.headers.range) return false
        response.writeHead(200, { etag, 'content-length': bytes.length })
        response.write(bytes.subarray(0, 100_000))
        return true
      },
    }
    const onProgress = ({ fileDone }: DownloadProgress) => fileDone >= 100_000 && stop.abort(new Error('enough'))
    await expect(downloadModel('fake/id', options({ signal: stop.signal, onProgress }))).rejects.toThrow('enough')
    expect((await lstat(join(hubFolder(), 'blobs', `${sha256(weights)}.part`))).size).toBe(100_000)
    const model = await downloadModel('fake/id', options())
    expect(weights.equals(await readFile(join(model.folder, 'model.safetensors')))).toBe(true)
    const resumed = hub.requests.filter(({ headers }) => headers.range)
    expect(resumed.map(({ headers }) => [headers.range, headers['if-range']])).toEqual([
      ['bytes=100000-', `"${sha256(weights)}"`],
    ])
    expect((await readdir(join(hubFolder(), 'blobs'))).filter(name => name.includes('part'))).toEqual([])
  })

  it('takes a model of the zoo with its companions, short name or id', async () => {
    const zoo = testZoo({ weights, vocabulary: Buffer.from('bee') })
    for (const { repo, commit, bytes } of zoo.served)
      hub.repos.set(repo, {
        commit,
        files: Object.fromEntries(Object.entries(bytes).map(([k, v]) => [k, { bytes: v }])),
      })
    const model = await downloadModel('test-paint', options({ zoo: zoo.models }))
    expect(model).toMatchObject({ id: 'test/paint:small', kind: 'paint' })
    expect(weights.equals(await readFile(model.path))).toBe(true)
    expect(await readdir(model.companions.ranker!)).toEqual(['ranker.bin'])
    expect(await findDownloaded('TEST/paint:small', options({ zoo: zoo.models }))).toEqual(model)
    expect(await findDownloaded('test/paint:other', options({ zoo: zoo.models }))).toBeUndefined()
  })

  it('asks further sources for a file whose hash is published, and takes what does the same where none has it', async () => {
    const zoo = testZoo({ weights, vocabulary: Buffer.from('bee') })
    const [paint, ranker] = zoo.served
    const served = { 'weights.bin': { bytes: weights } }
    hub.repos.set(ranker!.repo, {
      commit: ranker!.commit,
      files: { 'ranker.bin': { bytes: ranker!.bytes['ranker.bin']! } },
    })
    // The repository has another vocabulary and no VAE; another one has both.
    hub.repos.set(paint!.repo, {
      commit: paint!.commit,
      files: { ...served, 'vocab.txt': { bytes: Buffer.from('???') } },
    })
    const instead = {
      'v.txt': { bytes: Buffer.from('bee') },
      'vae.safetensors': { bytes: paint!.bytes['vae.safetensors']! },
    }
    hub.repos.set('test/else', { commit: 'e'.repeat(40), files: instead })
    const model = await downloadModel('test-paint', options({ zoo: zoo.models }))
    expect(await readFile(join(model.folder, 'vocab.txt'), 'utf8')).toBe('bee')
    expect(model.files).toEqual(['weights.bin', 'vocab.txt', 'vae.safetensors'])
  })

  it('goes to the next endpoint, and works with one that has no lists', async () => {
    hub.repos.set('fake/id', { commit, files })
    const dead = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => dead.once('listening', resolve))
    const { port } = dead.address() as { port: number }
    await new Promise(resolve => dead.close(resolve))
    const endpoints = [`http://127.0.0.1:${port}`, hub.endpoint]
    expect((await downloadModel('fake/id', options({ endpoints }))).files.length).toBe(3)
    const zoo = testZoo({ weights, vocabulary: Buffer.from('bee') })
    const plain = await FakeHub.start({ noLists: true })
    others.push(plain)
    for (const { repo, commit, bytes } of zoo.served)
      plain.repos.set(repo, {
        commit,
        files: Object.fromEntries(Object.entries(bytes).map(([k, v]) => [k, { bytes: v }])),
      })
    const model = await downloadModel('test-paint', options({ zoo: zoo.models, endpoints: [plain.endpoint] }))
    expect(weights.equals(await readFile(model.path))).toBe(true)
  })

  it('never sends the token to another host, or to a mirror', async () => {
    const cdn = await FakeHub.start()
    const mirror = await FakeHub.start()
    others.push(cdn, mirror)
    const repo = { commit, files: { 'a.bin': { bytes: weights } } }
    for (const one of [cdn, mirror]) one.repos.set('fake/id', repo)
    hub.repos.set('fake/id', { commit, files: { ...repo.files, 'b.bin': { bytes: randomBytes(2000) } } })
    hub.options = {
      misbehave: ({ path, request, response }) => {
        if (path === 'b.bin') response.writeHead(503).end()
        else response.writeHead(302, { location: `${cdn.endpoint}${request.url}`, 'x-linked-etag': '"x"' }).end()
        return true
      },
    }
    const download = downloadModel(
      'fake/id',
      options({ token: 'hf_secret', endpoints: [hub.endpoint, mirror.endpoint], retries: 1 }),
    )
    await expect(download).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED', status: 404 })
    expect(hub.requests.every(({ headers }) => headers.authorization === 'Bearer hf_secret')).toBe(true)
    expect(cdn.requests.length).toBeGreaterThan(0)
    expect(mirror.requests.length).toBeGreaterThan(0)
    for (const { headers } of [...cdn.requests, ...mirror.requests]) expect(headers.authorization).toBeUndefined()
  })

  it('waits as long as a busy server asks it to', async () => {
    hub.repos.set('fake/id', { commit, files: { 'a.bin': { bytes: weights } } })
    let free: number | undefined
    hub.options = {
      misbehave: ({ response }) => {
        free ??= performance.now() + 900
        if (performance.now() >= free) return false
        response.writeHead(429, { 'retry-after': '1' }).end()
        return true
      },
    }
    // Whoever does not wait has used up its one other try by then.
    expect((await downloadModel('fake/id', options({ retries: 1 }))).files).toEqual(['a.bin'])
    expect(hub.fileRequests).toBe(2)
  })

  it('waits as long as a busy server asks it to, for its lists too', async () => {
    hub.repos.set('fake/id', { commit, files: { 'a.bin': { bytes: weights } } })
    let free: number | undefined
    const busy = createHttpServer((request, response) => {
      free ??= performance.now() + 900
      if (performance.now() < free) response.writeHead(429, { 'retry-after': '1' }).end()
      else response.writeHead(307, { location: `${hub.endpoint}${request.url}` }).end()
    })
    await new Promise<void>(resolve => busy.listen(0, '127.0.0.1', resolve))
    others.push({
      stop: async () => {
        busy.closeAllConnections()
        await new Promise(resolve => busy.close(resolve))
      },
    })
    const endpoints = [`http://127.0.0.1:${(busy.address() as AddressInfo).port}`]
    expect((await downloadModel('fake/id', options({ retries: 1, endpoints }))).files).toEqual(['a.bin'])
  })

  it('goes through a proxy where one is named', async () => {
    hub.repos.set('fake/id', { commit, files: { 'a.bin': { bytes: weights } } })
    const { startProxy } = await import('../fixtures/proxy.js')
    const proxy = await startProxy()
    others.push(proxy)
    await downloadModel('fake/id', options({ env: { HF_HOME: folder, http_proxy: proxy.url } }))
    expect(proxy.targets.length).toBeGreaterThan(0)
    expect(new Set(proxy.targets)).toEqual(new Set([new URL(hub.endpoint).host]))
  })

  it('asks for the license first, and remembers the answer', async () => {
    hub.repos.set('fake/id', { commit, files, card: { license: 'cc-by-nc-4.0' } })
    const refused = downloadModel('fake/id', options({ acceptLicense: false }))
    await expect(refused).rejects.toMatchObject({ code: 'LICENSE', license: 'cc-by-nc-4.0', model: 'fake/id' })
    await expect(downloadModel('fake/id', options({ acceptLicense: false }))).rejects.toThrow('NON-COMMERCIAL')
    expect(hub.fileRequests).toBe(0)
    await downloadModel('fake/id', options())
    const again = join(folder, 'elsewhere')
    expect((await downloadModel('fake/id', options({ acceptLicense: false, cacheDir: again }))).folder).toContain(again)
  })

  it('refuses a license of the zoo before it asks anybody', async () => {
    const zoo = testZoo({ weights, vocabulary: Buffer.from('bee') })
    const refused = downloadModel('test-paint', options({ zoo: zoo.models, acceptLicense: false }))
    await expect(refused).rejects.toMatchObject({ code: 'LICENSE', license: 'test-license' })
    expect(hub.requests).toEqual([])
  })

  it.each(['../../evil', 'a/../../evil', '/etc/evil', 'a\\..\\evil', 'C:evil', 'a//b', 'nul', 'x\u0000y'])(
    'refuses a list that has %j',
    async path => {
      hub.repos.set('fake/id', { commit, files: { [path]: { bytes: weights } } })
      await expect(downloadModel('fake/id', options())).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
      expect(hub.fileRequests).toBe(0)
    },
  )

  it.each(['nothing', 'openbmb/VisCPM-Chat:nothing', 'a/b/c', '../x'])('refuses the name %s', async name => {
    await expect(downloadModel(name, options())).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(hub.requests).toEqual([])
  })

  it('says when there is too little room, before it fetches', async () => {
    const zoo = testZoo({ weights, vocabulary: Buffer.from('bee'), size: 1e18 })
    hub.options = { noLists: true }
    const download = downloadModel('test-paint', options({ zoo: zoo.models }))
    await expect(download).rejects.toMatchObject({ code: 'WRITE_FAILED' })
    await expect(downloadModel('test-paint', options({ zoo: zoo.models }))).rejects.toThrow(/GB are needed/)
    expect(hub.fileRequests).toBe(0)
  })

  it('counts nothing as needed that lies there already under another commit', async () => {
    const zoo = testZoo({ weights, vocabulary: Buffer.from('bee') })
    const [paint] = zoo.models
    // A file without contents that nobody has the room for.
    const huge = { path: 'weights.bin', size: 2 ** 45, exact: true, sha256: 'a'.repeat(64) }
    const model = { ...paint!, files: [huge], companions: [] }
    const blobs = join(folder, 'hub', 'models--test--paint', 'blobs')
    await mkdir(blobs, { recursive: true })
    await writeFile(join(blobs, huge.sha256), '')
    await truncate(join(blobs, huge.sha256), huge.size)
    const found = await downloadModel('test-paint', options({ zoo: [model] }))
    expect(found.files).toEqual(['weights.bin'])
    expect(hub.fileRequests).toBe(0)
  })

  it('says that the disk is the matter where it is, and does not ask again for that', async () => {
    hub.repos.set('fake/id', { commit, files: { 'a.bin': { bytes: weights } } })
    await mkdir(join(hubFolder(), 'blobs', `${sha256(weights)}.part.json.tmp`), { recursive: true })
    await expect(downloadModel('fake/id', options())).rejects.toMatchObject({ code: 'WRITE_FAILED' })
    expect(hub.fileRequests).toBe(1)
  })

  it.each(['hub/models--fake--id/refs', 'hub/models--fake--id/.viscpm', 'viscpm'])(
    'says what cannot be written where %s is a file',
    async name => {
      hub.repos.set('fake/id', { commit, files })
      await mkdir(join(folder, name, '..'), { recursive: true })
      await writeFile(join(folder, name), '')
      await expect(downloadModel('fake/id', options())).rejects.toMatchObject({ code: 'WRITE_FAILED' })
    },
  )

  it('heals a snapshot whose blob is gone or cut off', async () => {
    hub.repos.set('fake/id', { commit, files })
    const model = await downloadModel('fake/id', options())
    await rm(join(hubFolder(), 'blobs', sha256(weights)))
    await downloadModel('fake/id', options())
    expect(weights.equals(await readFile(join(model.folder, 'model.safetensors')))).toBe(true)
    await writeFile(join(hubFolder(), 'blobs', sha256(weights)), weights.subarray(0, 10))
    await downloadModel('fake/id', options())
    expect(weights.equals(await readFile(join(model.folder, 'model.safetensors')))).toBe(true)
  })

  it('takes what another tool has put into the cache', async () => {
    hub.repos.set('fake/id', { commit, files })
    await mkdir(join(hubFolder(), 'blobs'), { recursive: true })
    await writeFile(join(hubFolder(), 'blobs', sha256(weights)), weights)
    await downloadModel('fake/id', options())
    expect(hub.requests.some(({ url }) => url.endsWith('/model.safetensors'))).toBe(false)
  })

  it('keeps the older version of a branch beside the newer one', async () => {
    hub.repos.set('fake/id', { commit, files })
    const old = await downloadModel('fake/id', options())
    const newer = 'd'.repeat(40)
    const changed = { ...files, 'config.json': { bytes: Buffer.from('{"a": 2}\n') } }
    hub.repos.set('fake/id', { commit: newer, files: changed })
    const model = await downloadModel('fake/id', options())
    expect(model.commit).toBe(newer)
    expect(await readFile(join(old.folder, 'config.json'), 'utf8')).toBe('{"a": 1}\n')
    expect(await readFile(join(model.folder, 'config.json'), 'utf8')).toBe('{"a": 2}\n')
    expect(
      createHash('sha256')
        .update(await readFile(join(model.folder, 'model.safetensors')))
        .digest('hex'),
    ).toBe(sha256(weights))
  })
})

// Keeps the helper in use that other tests share.
describe('the fake hub', () => {
  it('answers ranges as servers do', async () => {
    hub.repos.set('fake/id', { commit, files })
    const answer = await fetch(`${hub.endpoint}/fake/id/resolve/main/model.safetensors`, {
      headers: { range: 'bytes=299990-' },
    })
    expect(answer.status).toBe(206)
    expect(weights.subarray(299_990).equals(Buffer.from(await answer.arrayBuffer()))).toBe(true)
    expect(typeof serveFile).toBe('function')
  })
})
