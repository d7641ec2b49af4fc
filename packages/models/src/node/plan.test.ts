import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeHub, sha256 } from '../fixtures/fake-hub.js'
import { testZoo } from '../fixtures/test-zoo.js'
import { HubClient } from './client.js'
import { namedModel } from './names.js'
import { planOf } from './plan.js'
import { settingsOf } from './settings.js'

let hub: FakeHub
let client: HubClient
beforeEach(async () => {
  hub = await FakeHub.start()
  client = new HubClient(settings())
})
afterEach(async () => {
  await client.close()
  await hub.stop()
})
const settings = () => settingsOf({ env: {}, endpoints: [hub.endpoint, 'http://127.0.0.1:9'], retries: 0, backoff: 1 })
const plan = (name: string, zoo?: Parameters<typeof namedModel>[1]) =>
  planOf(namedModel(name, zoo), { client, settings: settings() })

const chat = 'openbmb/VisCPM-Chat'
const paint = 'openbmb/VisCPM-Paint'
const weights = Buffer.alloc(2000, 1)

describe('planOf', () => {
  it('knows where VisCPM-Chat is without a hub that has lists', async () => {
    hub.options = { noLists: true }
    const { commit, files, question } = await plan('viscpm-chat')
    expect(files.map(({ path }) => path)).toEqual(['pytorch_model.bin', 'vocab.txt'])
    expect(files[0]).toMatchObject({
      evidence: { kind: 'published', sha256: 'db08ff50fb8ef2818458a05a882437a016b9b6213c3377c7a097ab99c3f899a1' },
      urls: [hub.endpoint, 'http://127.0.0.1:9'].map(one => `${one}/${chat}/resolve/${commit}/pytorch_model.bin`),
    })
    expect(files[0]!.evidence?.size).toBeUndefined()
    expect(files[1]!.urls.at(-1)).toMatch(/^https:.*\/OpenBMB\/VisCPM\/.*\/bee\.txt$/)
    expect(question.license).toMatchObject({ id: 'gml-non-commercial', nonCommercial: true })
  })

  it('takes from the lists what is not published, and only that', async () => {
    const { commit } = namedModel(paint).model!
    const config = Buffer.from('{}'.padEnd(920))
    hub.repos.set(paint, {
      commit,
      files: {
        'text-security-checker/pytorch_model.bin': { bytes: weights },
        'text-security-checker/config.json': { bytes: config },
        // Not the published one.
        'pytorch_model.balance.bin': { bytes: weights },
      },
    })
    const { files } = await plan(paint)
    const of = (path: string) => files.find(file => file.path === path)
    expect(of('text-security-checker/pytorch_model.bin')).toMatchObject({
      size: 2000,
      evidence: { kind: 'hub', sha256: sha256(weights), size: 2000 },
    })
    expect(of('text-security-checker/config.json')?.evidence).toMatchObject({ kind: 'hub', size: 920 })
    expect(of('pytorch_model.balance.bin')).toMatchObject({ size: 22_700_000_000, evidence: { kind: 'published' } })
    expect(of('pytorch_model.balance.bin')?.evidence?.size).toBeUndefined()
    const vae = of('vae/diffusion_pytorch_model.bin')?.otherwise
    expect(vae?.path).toBe('vae/diffusion_pytorch_model.safetensors')
    expect(vae?.urls.filter(url => url.startsWith(hub.endpoint)).map(url => url.slice(hub.endpoint.length))).toEqual([
      `/${paint}/resolve/${commit}/vae/diffusion_pytorch_model.safetensors`,
      '/stabilityai/sd-vae-ft-mse/resolve/31f26fdeee1355a5c34592e401dd41e45d25a493/diffusion_pytorch_model.safetensors',
      '/LanguageMachines/stable-diffusion-2-1/resolve/main/vae/diffusion_pytorch_model.safetensors',
      '/sealai/stable-diffusion-2-1-base-int8/resolve/main/vae/diffusion_pytorch_model.safetensors',
    ])
  })

  it('asks nobody where everything is published', async () => {
    const { files } = await plan('chinese-clip')
    expect(files.every(({ evidence }) => evidence?.kind === 'published' && evidence.size !== undefined)).toBe(true)
    expect(hub.requests).toEqual([])
  })

  it('believes nothing that is published of another revision', async () => {
    const zoo = testZoo({ weights, vocabulary: Buffer.from('bee') })
    const commit = 'd'.repeat(40)
    const changed = Buffer.alloc(3000, 2)
    hub.repos.set('test/paint', { commit, files: { 'weights.bin': { bytes: changed } } })
    const { files, revision } = await plan('test/paint:small@main', zoo.models)
    expect(revision).toBe('main')
    expect(files[0]).toMatchObject({ size: 3000, evidence: { kind: 'hub', sha256: sha256(changed) } })
    expect(files[1]).toMatchObject({ path: 'vocab.txt', evidence: undefined })
    // Without a hash, no other place will do.
    expect(files[1]!.urls.every(url => url.includes(`/test/paint/resolve/${commit}/`))).toBe(true)
  })
})
