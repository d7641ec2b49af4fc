import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strictSafety } from '@viscpm/safety'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../../fixtures/harness.js'
import { messagesOf } from '../../messages/index.js'
import { checkDevices } from './device-check.js'
import { checkMemory, checkNode } from './machine-checks.js'
import { checkModel, checkOnnxruntime, checkSharp } from './runtime-checks.js'
import { checkSafety } from './safety-check.js'

const t = messagesOf('en')

describe('doctor', () => {
  it('looks at everything and ends with 0 or 1 accordingly', async () => {
    const { code, stdout } = await run(['doctor', '--json'])
    const { ok, checks } = JSON.parse(stdout)
    expect(checks.map((c: { name: string }) => c.name)).toEqual([
      'node',
      'platform',
      'cores',
      'memory',
      'onnxruntime',
      'devices',
      'sharp',
      'model',
      'safety',
      'disk',
    ])
    expect(ok).toBe(checks.every((c: { status: string }) => c.status !== 'broken'))
    expect(code).toBe(ok ? 0 : 1)
    for (const check of checks.filter((c: { status: string }) => c.status !== 'ok')) expect(check.hint).toBeTruthy()
  })

  it.each(['en', 'zh'])('has a line for each thing (%s)', async lang => {
    const { stdout } = await run(['doctor', '--lang', lang])
    const names = Object.values(messagesOf(lang as 'en' | 'zh').doctor.checks)
    for (const name of names) expect(stdout).toContain(name)
    expect(stdout).toContain(`${process.platform} ${process.arch}`)
  })
})

describe('checks', () => {
  it.each(['en', 'zh'] as const)('devices say what works, and what the others lack (%s)', async lang => {
    const states = [
      { device: 'cpu', state: 'started' },
      { device: 'cuda', state: 'incomplete' },
      { device: 'webgpu', state: 'failed', reason: 'no\nadapter' },
      { device: 'coreml', state: 'absent' },
      { device: 'dml', state: 'absent' },
    ] as const
    const { status, detail, hint } = await checkDevices(messagesOf(lang), states, 'cpu')
    expect([status, detail]).toEqual(['ok', expect.stringMatching(/cpu$/)])
    expect(hint!.split('\n')).toEqual([
      expect.stringMatching(/cuda.*onnxruntime-node-install=cuda12/),
      expect.stringMatching(/webgpu.*no adapter/),
      expect.stringMatching(new RegExp(`coreml, dml.*${process.platform} ${process.arch}`)),
      expect.stringContaining('docs/devices.md'),
    ])
    const asked = await checkDevices(messagesOf(lang), states, 'cuda')
    expect([asked.status, asked.detail]).toEqual(['broken', expect.stringMatching(/VISCPM_DEVICE.*cuda/)])
  })

  it('onnxruntime and sharp work here', async () => {
    expect(await checkOnnxruntime(t)).toMatchObject({
      status: 'ok',
      detail: expect.stringMatching(/^1\.\d+\.\d+, ran/),
    })
    expect(await checkSharp(t)).toMatchObject({ status: 'ok', detail: expect.stringMatching(/^0\.\d+\.\d+, wrote/) })
  })

  it('an old Node.js is too old', () => {
    expect(checkNode(t, '18.20.1')).toMatchObject({ status: 'broken', detail: '18.20.1 is too old' })
    expect(checkNode(t, '22.1.0').status).toBe('ok')
  })

  it('little memory is a warning', () => {
    expect(checkMemory(t, { total: 2 ** 31, free: 2 ** 29 })).toMatchObject({ status: 'warning' })
    expect(checkMemory(t, { total: 2 ** 34, free: 2 ** 33 }).status).toBe('ok')
  })
})

describe('safety', () => {
  it('says who checks what, and warns that pictures have no checker', async () => {
    const check = await checkSafety(t)
    expect(check).toMatchObject({ status: 'warning', detail: 'texts: word-list; pictures: no checker' })
    expect(check.hint).toContain('--image-checker')
  })

  it('is well where pictures are checked too', async () => {
    const eyes = { name: 'eyes', check: async () => ({ decision: 'allow', checker: 'eyes' }) as const }
    expect(await checkSafety(t, strictSafety({ image: [eyes] }))).toEqual({
      name: 'safety',
      status: 'ok',
      detail: 'texts: word-list; pictures: eyes',
    })
  })

  it('is broken where the word list finds nothing, or everything', async () => {
    for (const decision of ['allow', 'block'] as const) {
      const blind = { name: 'blind', check: async () => ({ decision, checker: 'blind' }) }
      expect(await checkSafety(t, strictSafety({ prompt: [blind] }))).toMatchObject({ status: 'broken' })
    }
  })
})

describe('the embedded model', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'viscpm-doctor-'))
    for (const name of ['model.safetensors', 'bee.txt', 'config.json']) writeFileSync(join(folder, name), name)
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const sum = createHash('sha256').update('model.safetensors').digest('hex')

  it('is shown with its hash', async () => {
    expect(await checkModel(t, () => folder)).toMatchObject({ status: 'ok', detail: `17 B, SHA-256 ${sum}` })
  })

  it('is compared with the recorded hash', async () => {
    writeFileSync(join(folder, 'SHA256SUMS'), `${'0'.repeat(64)}  bee.txt\n${sum}  model.safetensors\n`)
    expect((await checkModel(t, () => folder)).status).toBe('ok')
    writeFileSync(join(folder, 'model.safetensors'), 'changed')
    expect(await checkModel(t, () => folder)).toMatchObject({ status: 'broken', detail: t.doctor.modelDamaged })
  })

  it.each(['model.safetensors', 'bee.txt', 'config.json'])('is missing without %s', async name => {
    rmSync(join(folder, name))
    expect(await checkModel(t, () => folder)).toMatchObject({ status: 'broken', detail: 'not installed' })
  })

  it('is missing without its package', async () => {
    const check = checkModel(t, () => {
      throw new Error('not found')
    })
    expect(await check).toMatchObject({ status: 'broken', detail: 'not installed' })
  })
})
