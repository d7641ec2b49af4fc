import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { retryAfterOf } from './faults.js'
import { settingsOf } from './settings.js'

const home = join(homedir(), '.cache', 'huggingface')

describe('settingsOf', () => {
  it.each([
    [{}, join(home, 'hub'), join(home, 'viscpm')],
    [{ HF_HOME: '/h' }, '/h/hub', '/h/viscpm'],
    [{ HF_HOME: '/h', HF_HUB_CACHE: '/c' }, '/c', '/h/viscpm'],
    [{ XDG_CACHE_HOME: '/x' }, '/x/huggingface/hub', '/x/huggingface/viscpm'],
    [{ HF_HOME: '', VISCPM_HOME: '/v' }, join(home, 'hub'), '/v'],
  ])('%j: where things lie', (env, cacheDir, stateDir) => {
    expect(settingsOf({ env })).toMatchObject({ cacheDir, stateDir })
  })

  it('takes options before the environment', () => {
    const env = { HF_ENDPOINT: 'https://mirror.example/', HF_TOKEN: 'hf_env', HF_HUB_OFFLINE: '1' }
    expect(settingsOf({ env })).toMatchObject({ endpoints: ['https://mirror.example'], token: 'hf_env', offline: true })
    const options = { endpoints: ['http://127.0.0.1:1/hub/'], token: 'hf_own', offline: false, cacheDir: '/d' }
    expect(settingsOf({ env, ...options })).toMatchObject({ ...options, endpoints: ['http://127.0.0.1:1/hub'] })
    expect(settingsOf({ env: {} }).endpoints[0]).toBe('https://huggingface.co')
    expect(settingsOf({ env: { HF_HUB_OFFLINE: '0', VISCPM_OFFLINE: '' } }).offline).toBe(false)
  })

  it.each(['hub', 'ftp://x', 'https://user:pass@x', 'https://:pass@x', 'https://x/?a=1', ''])(
    'refuses the endpoint %j',
    endpoint => {
      expect(() => settingsOf({ env: {}, endpoints: [endpoint] })).toThrow('endpoints')
    },
  )

  it.each([-1, 1.5, Number.NaN])('refuses %d tries', retries => {
    expect(() => settingsOf({ env: {}, retries })).toThrow('retries')
  })

  it('knows the proxies, small letters first', () => {
    const env = { HTTPS_PROXY: 'http://p:1', https_proxy: 'http://q:2', no_proxy: 'localhost' }
    expect(settingsOf({ env }).proxies).toEqual({ httpProxy: '', httpsProxy: 'http://q:2', noProxy: 'localhost' })
  })
})

describe('retryAfterOf', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  it.each([
    ['7', 7000],
    ['0', 0],
    ['99999', 300_000],
    ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('%s', (header, wait) => expect(retryAfterOf(header, now)).toBe(wait))
})
