import { randomBytes } from 'node:crypto'
import dns from 'node:dns'
import { rm } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeHub } from '../fixtures/fake-hub.js'
import { tempFolder } from '../fixtures/temp-folder.js'
import { HubClient } from './client.js'
import { downloadModel, findDownloaded, listModels, obtainModel, settingsOf, verifyDownloaded } from './index.js'

const commit = 'c'.repeat(40)
let folder: string
let hub: FakeHub

beforeEach(async () => {
  folder = await tempFolder()
  hub = await FakeHub.start()
  hub.repos.set('fake/id', { commit, files: { 'model.bin': { bytes: randomBytes(5000) } } })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await hub.stop()
  await rm(folder, { recursive: true, force: true })
})

const online = () => ({ endpoints: [hub.endpoint], acceptLicense: true, env: { HF_HOME: folder } })
const switches: [string, object][] = [
  ['HF_HUB_OFFLINE=1', { env: { HF_HUB_OFFLINE: '1' } }],
  ['VISCPM_OFFLINE=1', { env: { VISCPM_OFFLINE: '1' } }],
  ['VISCPM_OFFLINE=true', { env: { VISCPM_OFFLINE: 'true' } }],
  ['offline: true', { offline: true }],
]
const offline = (more: { env?: object }) => ({ ...online(), ...more, env: { HF_HOME: folder, ...more.env } })

/** Every way out of this process. */
function traps() {
  const lookup = vi.spyOn(dns, 'lookup')
  const lookupSoon = vi.spyOn(dns.promises, 'lookup')
  const connect = vi.spyOn(net.Socket.prototype, 'connect')
  return () => lookup.mock.calls.length + lookupSoon.mock.calls.length + connect.mock.calls.length
}

describe.each(switches)('%s', (_, more) => {
  it('makes no connection and looks up no name, whatever is asked for', async () => {
    const calls = traps()
    const options = offline(more)
    for (const name of ['fake/id', 'openbmb/VisCPM-Chat', 'viscpm-paint', 'fake/id@main'])
      await expect(downloadModel(name, options)).rejects.toMatchObject({ code: 'OFFLINE' })
    await expect(obtainModel('fake/id', ['chat'], options)).rejects.toMatchObject({ code: 'OFFLINE' })
    expect(await findDownloaded('fake/id', options)).toBeUndefined()
    await listModels(options)
    const client = new HubClient(settingsOf(options))
    await expect(client.get(`${hub.endpoint}/x`)).rejects.toMatchObject({ code: 'OFFLINE' })
    await expect(client.fetch('https://huggingface.co/api/models/a/b')).rejects.toMatchObject({ code: 'OFFLINE' })
    await client.close()
    expect(calls()).toBe(0)
    expect(hub.requests).toEqual([])
  })

  it('finds what was downloaded before', async () => {
    const before = await downloadModel('fake/id', online())
    const asked = hub.requests.length
    const calls = traps()
    const options = offline(more)
    expect(await downloadModel('fake/id', options)).toEqual(before)
    expect(await obtainModel('fake/id', ['chat'], options)).toEqual(before)
    expect((await verifyDownloaded('fake/id', options)).files[0]!.state).toBe('good')
    expect(calls()).toBe(0)
    expect(hub.requests.length).toBe(asked)
  })
})

describe('a repository that another tool fetched', () => {
  it('is taken as it is, and verified by the names of its bytes', async () => {
    const before = await downloadModel('fake/id', online())
    await rm(join(folder, 'hub', 'models--fake--id', '.viscpm'), { recursive: true })
    // Whether it is all of it, only the hub knows.
    expect(await findDownloaded('fake/id', online())).toBeUndefined()
    expect(await downloadModel('fake/id', { ...online(), offline: true })).toEqual(before)
    expect((await verifyDownloaded('fake/id', online())).files).toMatchObject([{ state: 'good', evidence: 'hub' }])
  })
})

describe('the traps', () => {
  it('would catch a connection', async () => {
    const calls = traps()
    await downloadModel('fake/id', online())
    expect(calls()).toBeGreaterThan(0)
  })
})
