import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { hubModel, type ModelHub } from './hub-model.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-hub-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const found = { path: '/cache/model.bin', companions: { ranker: '/cache/ranker' } }
const hub = () => ({ obtainModel: vi.fn<ModelHub['obtainModel']>(async () => found) })

describe('hubModel', () => {
  it('asks for an id what it was told', async () => {
    const { obtainModel } = hub()
    const onProgress = () => {}
    const options = { hub: { offline: true, token: 'hf_x' }, onProgress }
    expect(await hubModel('owner/name:variant', ['chat', 'paint'], async () => ({ obtainModel }), options)).toBe(found)
    const asked = { offline: true, token: 'hf_x', onProgress }
    expect(obtainModel.mock.calls).toEqual([['owner/name:variant', ['chat', 'paint'], asked]])
  })

  it('leaves paths alone, and imports nothing for them', async () => {
    const importHub = vi.fn(async () => hub())
    for (const path of ['tiny', './owner/name', 'owner/name.pt', folder])
      expect(await hubModel(path, ['chat'], importHub)).toBeUndefined()
    expect(importHub).not.toHaveBeenCalled()
  })

  it('takes a folder of that name before the hub', async () => {
    await mkdir(join(folder, 'owner', 'name'), { recursive: true })
    const importHub = vi.fn(async () => hub())
    const before = process.cwd()
    process.chdir(folder)
    try {
      expect(await hubModel('owner/name', ['chat'], importHub)).toBeUndefined()
      expect(importHub).not.toHaveBeenCalled()
      expect(await hubModel('owner/other', ['chat'], importHub)).toBe(found)
    } finally {
      process.chdir(before)
    }
  })

  it('says which package is missing', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
    const importHub = () => Promise.reject(missing)
    await expect(hubModel('owner/name', ['chat'], importHub)).rejects.toMatchObject({
      ...{ code: 'MISSING_DEPENDENCY', dependency: '@viscpm/models', hint: 'npm install @viscpm/models' },
    })
    const broken = () => Promise.reject(new Error('broken'))
    await expect(hubModel('owner/name', ['chat'], broken)).rejects.toThrow('broken')
  })
})
