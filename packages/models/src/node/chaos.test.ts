import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isVisCPMError } from '@viscpm/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corrupting, harmless, type Misdeed, misdo, seeded } from '../fixtures/chaos.js'
import { etagOf, FakeHub, gitSha1, serveFile, sha256 } from '../fixtures/fake-hub.js'
import { tempFolder } from '../fixtures/temp-folder.js'
import type { ZooModel } from '../types.js'
import { downloadModel } from './index.js'

const runs = 500
const lanes = 12
const commit = 'c'.repeat(40)

let folder: string
beforeAll(async () => {
  folder = await tempFolder()
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** What all runs together did. */
const seen = {
  ...{ sessions: 0, failed: 0, aborted: 0 },
  misdeeds: new Map<Misdeed, number>(),
  /** Good bytes that were there when a download was gone on with, and those that were not asked for again. */
  resumed: { had: 0, kept: 0 },
  /** The same, of files that had all come and were wrong. */
  repaired: { had: 0, kept: 0 },
}

const fileOf = (random: () => number, size: number): Buffer => {
  const bytes = Buffer.alloc(size)
  for (let i = 0; i < size; i++) bytes[i] = Math.floor(random() * 256)
  return bytes
}

/** How many bytes of `part` are those of the file, from the first on. */
function goodBytes(part: Buffer, truth: Buffer): number {
  let good = 0
  while (good < part.length && part[good] === truth[good]) good++
  return good
}

/** A download from a server that misbehaves a few times, perhaps broken off and begun again; then the server is calm. */
async function run(seed: number): Promise<void> {
  const random = seeded(seed)
  // Every fifth has no hash to go by, and a file that becomes another one.
  const blind = seed % 5 === 0
  const versions = [
    fileOf(random, 2000 + Math.floor(random() * 60_000)),
    fileOf(random, 2000 + Math.floor(random() * 60_000)),
  ]
  const truth = versions[0]!
  const misdeeds: readonly Misdeed[] = blind ? harmless : [...harmless, ...corrupting]
  let left = Math.floor(random() * 10)
  let version = 0
  const hubFolder = join(folder, `${seed}`, 'hub', 'models--fake--id')
  const hub = await FakeHub.start({ noLists: blind })
  hub.repos.set('fake/id', { commit, files: { 'a.bin': { bytes: truth } } })
  hub.options = {
    noLists: blind,
    misbehave: asked => {
      if (blind && random() < 0.15) version = 1
      const bytes = versions[version]!
      const etag = blind ? `"version ${version}"` : etagOf({ bytes })
      const misdeed = left-- > 0 && random() < 0.8 ? misdeeds[Math.floor(random() * misdeeds.length)] : undefined
      const noted = blind ? Promise.resolve() : note(hubFolder, asked.request.headers.range, bytes)
      void noted.then(() => {
        if (misdeed) {
          seen.misdeeds.set(misdeed, (seen.misdeeds.get(misdeed) ?? 0) + 1)
          misdo(misdeed, { ...asked, bytes, etag }, random)
        } else if (blind) serve(asked, bytes, etag)
        else serve(asked, bytes, etag, commit)
      })
      return true
    },
  }
  const zoo: readonly ZooModel[] = [
    {
      ...{
        id: 'fake/id',
        aliases: [],
        kind: 'chat',
        about: { en: '', zh: '' },
        repo: 'fake/id',
        commit,
        companions: [],
      },
      license: { id: 't', name: 't', url: undefined, nonCommercial: false, summary: { en: '', zh: '' } },
      checkpoint: 'a.bin',
      files: [{ path: 'a.bin', size: 30_000, exact: false }],
    },
  ]
  try {
    for (let session = 0; ; session++) {
      seen.sessions++
      const stop = new AbortController()
      const limit = random() < 0.25 ? random() * truth.length : Number.POSITIVE_INFINITY
      const outcome = await downloadModel('fake/id', {
        ...{ zoo, endpoints: [hub.endpoint], acceptLicense: true, signal: stop.signal },
        ...{ backoff: 1, retries: 2, stallTimeout: 250, env: { HF_HOME: join(folder, `${seed}`) } },
        onProgress: ({ fileDone }) => fileDone > limit && stop.abort(new Error('stopped')),
      }).catch((error: unknown) => error as Error)
      await neverWrong(hubFolder, blind ? versions : [truth], seed)
      if (!(outcome instanceof Error)) return expect(outcome.files).toEqual(['a.bin'])
      if (stop.signal.aborted) seen.aborted++
      else {
        seen.failed++
        if (!isVisCPMError(outcome, 'DOWNLOAD_FAILED')) throw outcome
      }
      expect(session, `seed ${seed}: ${outcome.message}`).toBeLessThan(30)
    }
  } finally {
    await hub.stop()
    await rm(join(folder, `${seed}`), { recursive: true, force: true })
  }
}

function serve({ request, response }: Parameters<typeof misdo>[1], bytes: Buffer, etag: string, from?: string): void {
  if (from) response.setHeader('x-repo-commit', from)
  serveFile(request, response, bytes, etag)
}

/** Of the good bytes that a client has when it asks, how many it does not ask for again. */
async function note(hubFolder: string, range: string | undefined, truth: Buffer): Promise<void> {
  const blobs = join(hubFolder, 'blobs')
  const names = await readdir(blobs).catch(() => [])
  const part = names.find(name => name.endsWith('.part'))
  const bytes = part === undefined ? undefined : await readFile(join(blobs, part)).catch(() => undefined)
  if (!bytes?.length) return
  const good = goodBytes(bytes, truth)
  const sums = bytes.length < truth.length ? seen.resumed : seen.repaired
  sums.had += good
  sums.kept += Math.min(good, Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0))
}

/** Whatever has a final name is a whole version of the file. */
async function neverWrong(hubFolder: string, versions: readonly Buffer[], seed: number): Promise<void> {
  const blobs = await readdir(join(hubFolder, 'blobs')).catch(() => [])
  for (const name of blobs) {
    if (name.includes('.part')) continue
    const bytes = await readFile(join(hubFolder, 'blobs', name))
    expect([sha256(bytes), gitSha1(bytes)], `seed ${seed}`).toContain(name)
    expect(
      versions.some(version => version.equals(bytes)),
      `seed ${seed}: ${name} is a wrong file`,
    ).toBe(true)
  }
  const file = join(hubFolder, 'snapshots', commit, 'a.bin')
  if (await stat(file).catch(() => undefined)) {
    const bytes = await readFile(file)
    expect(
      versions.some(version => version.equals(bytes)),
      `seed ${seed}: a wrong file`,
    ).toBe(true)
  }
}

describe('downloads from a bad server', () => {
  it(`${runs} of them: never a wrong file, and all arrive`, { timeout: 240_000 }, async () => {
    let next = 0
    const lane = async () => {
      while (next < runs) await run(next++)
    }
    const results = await Promise.allSettled(Array.from({ length: lanes }, lane))
    for (const result of results) if (result.status === 'rejected') throw result.reason
    const { misdeeds, ...rest } = seen
    console.log(JSON.stringify({ ...rest, misdeeds: [...misdeeds.values()].reduce((a, b) => a + b, 0) }))
    for (const misdeed of [...harmless, ...corrupting]) expect(seen.misdeeds.get(misdeed), misdeed).toBeGreaterThan(5)
    expect(seen.resumed.had).toBeGreaterThan(1_000_000)
    expect(seen.resumed.kept / seen.resumed.had).toBeGreaterThan(0.95)
  })
})
