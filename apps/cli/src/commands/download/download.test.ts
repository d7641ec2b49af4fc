import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findModel, loadImage, tinyFolder, VisCPMChat } from '@viscpm/chat/node'
import { VisCPMPaint } from '@viscpm/paint/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { files, run, start, until } from '../../fixtures/harness.js'
import { type SmallHub, smallHub } from '../../fixtures/small-hub.js'

let folder: string
let hub: SmallHub
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'viscpm-download-')))
  hub = await smallHub({ 'fake/chat': tinyFolder(), 'fake/paint': join(tinyFolder(), '../paint') }, 'cc-by-nc-4.0')
})
afterEach(async () => {
  await hub.stop()
  await rm(folder, { recursive: true, force: true })
})

const env = () => ({ HF_HOME: folder, HF_ENDPOINT: hub.endpoint })
const accepted = ['--accept-license']

describe('viscpm download', () => {
  it('brings a model, says where it is, and fetches nothing twice', async () => {
    const { code, stdout, stderr } = await run(['download', 'fake/chat', ...accepted], { env: env() })
    expect([code, stderr]).toEqual([0, expect.stringContaining('downloading fake/chat')])
    expect(stdout).toContain('fake/chat is there')
    expect(stdout).toContain(join(folder, 'hub', 'models--fake--chat', 'snapshots', 'f'.repeat(40)))
    const fetched = hub.asked.filter(path => path.includes('/resolve/')).length
    expect(fetched).toBe((await readdir(tinyFolder())).length)
    const again = await run(['download', 'fake/chat', '--json'], { env: env() })
    expect(again.code).toBe(0)
    expect(JSON.parse(again.stdout)).toMatchObject({ id: 'fake/chat', commit: 'f'.repeat(40) })
    expect(hub.asked.filter(path => path.includes('/resolve/')).length).toBe(fetched)
  })

  it('does not go on without the license, and asks for it in a terminal, once', async () => {
    const refused = await run(['download', 'fake/chat'], { env: env() })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('NOT FOR COMMERCIAL USE.')
    expect(refused.stderr).toContain('--accept-license')
    expect(hub.asked.some(path => path.includes('/resolve/'))).toBe(false)

    const no = start(['download', 'fake/chat'], { env: env(), tty: true })
    await until(() => no.stderr().includes('[y/N]'), 'the question')
    no.stdin.write('n\n')
    expect(await no.exitCode).toBe(1)
    expect(no.stderr()).toContain('nothing was downloaded')

    const yes = start(['download', 'fake/chat', '--lang', 'zh'], { env: env(), tty: true })
    await until(() => yes.stderr().includes('[y/N]'), 'the question')
    expect(yes.stderr()).toContain('不得用于商业用途')
    yes.stdin.write('是\n')
    expect(await yes.exitCode).toBe(0)
    expect((await run(['download', 'fake/chat'], { env: env() })).code).toBe(0)
    const state = await readFile(join(folder, 'viscpm', 'accepted-licenses.json'), 'utf8')
    expect(Object.keys(JSON.parse(state))).toEqual(['cc-by-nc-4.0'])
  })

  it.each([
    [['download', 'nothing'], 2, /viscpm list --all/],
    [['download', 'fake/none', '--accept-license'], 1, /404/],
    [['download', 'fake/chat', '--offline'], 1, /offline switch/],
    [['download', 'fake/chat', '--endpoint', 'hub'], 2, /endpoints/],
    [['download', 'openbmb/VisCPM-Chat'], 1, /non-commercial/],
    [['download'], 2, /MODEL/],
  ])('%j fails with %d', async (argv, code, told) => {
    const result = await run(argv, { env: env() })
    expect(result.code).toBe(code)
    expect(result.stderr).toMatch(told)
  })

  it('takes another folder and another server where they are named', async () => {
    const cache = join(folder, 'elsewhere')
    const argv = ['download', 'fake/chat', ...accepted, '--cache-dir', cache, '--endpoint', hub.endpoint]
    expect((await run(argv, { env: { HF_HOME: folder } })).code).toBe(0)
    expect(await readdir(cache)).toContain('models--fake--chat')
  })
})

describe('viscpm list, verify, remove', () => {
  it('look after what was downloaded', async () => {
    const list = async (...more: string[]) => (await run(['list', ...more], { env: env() })).stdout
    expect(await list()).toContain('No model is downloaded')
    const all = await list('--all')
    for (const id of [
      'openbmb/VisCPM-Chat:v1.1',
      'openbmb/VisCPM-Paint:zhplus',
      'OFA-Sys/chinese-clip-vit-base-patch16',
    ])
      expect(all).toContain(id)
    expect(all).toContain('non-commercial')
    expect(JSON.parse(await list('--all', '--json')).models.length).toBe(7)

    await run(['download', 'fake/chat', ...accepted], { env: env() })
    expect(await list()).toMatch(/^fake\/chat +downloaded +\d+\.\d MiB\n$/)

    const good = await run(['verify', 'fake/chat'], { env: env() })
    expect([good.code, good.stdout]).toEqual([0, expect.stringContaining('model.safetensors: good (as the server')])
    const model = join(folder, 'hub/models--fake--chat/snapshots', 'f'.repeat(40), 'config.json')
    const config = await readFile(model)
    await writeFile(model, Buffer.concat([config.subarray(1), config.subarray(0, 1)]))
    const bad = await run(['verify', 'fake/chat', '--json'], { env: env() })
    expect(bad.code).toBe(1)
    expect(JSON.parse(bad.stdout)).toMatchObject({ ok: false, id: 'fake/chat' })
    expect((await run(['verify', 'fake/chat', '--workers', '2'], { env: env() })).code).toBe(2)
    expect((await run(['verify', 'viscpm-chat'], { env: env() })).stderr).toContain(
      'viscpm download openbmb/VisCPM-Chat',
    )

    expect((await run(['remove', 'fake/chat'], { env: env() })).stderr).toContain('--yes')
    const asked = start(['remove', 'fake/chat'], { env: env(), tty: true })
    await until(() => asked.stderr().includes('[y/N]'), 'the question')
    asked.stdin.write('\n')
    expect(await asked.exitCode).toBe(1)
    expect((await run(['remove', 'fake/chat', '--yes'], { env: env() })).stdout).toContain('fake/chat is removed')
    expect(await list()).toContain('No model is downloaded')
    expect((await run(['remove', 'fake/chat', '--yes'], { env: env() })).code).toBe(1)
  })
})

describe("a hub's id in place of a path", () => {
  const hubOptions = () => ({ endpoints: [hub.endpoint], acceptLicense: true, cacheDir: join(folder, 'hub') })

  it('is downloaded, then loaded from the snapshot: the same answers', async () => {
    const state = process.env.VISCPM_HOME
    process.env.VISCPM_HOME = folder
    try {
      const picture = await loadImage(files.picture)
      const ask = async (where: string, offline = false) => {
        const chat = await VisCPMChat.load(where, { threads: 1, hub: { ...hubOptions(), offline } })
        const { text } = await chat.ask(picture, '这是什么？', { maxNewTokens: 8 })
        await chat.dispose()
        return text
      }
      const expected = await ask('tiny')
      expect(await ask('fake/chat')).toBe(expected)
      const before = hub.asked.length
      expect(await ask('fake/chat', true)).toBe(expected)
      expect(hub.asked.length).toBe(before)
      await expect(VisCPMChat.load('fake/none', { hub: { ...hubOptions(), offline: true } })).rejects.toMatchObject({
        code: 'OFFLINE',
      })
    } finally {
      if (state === undefined) delete process.env.VISCPM_HOME
      else process.env.VISCPM_HOME = state
    }
  })

  it('paints the same picture too', async () => {
    const state = process.env.VISCPM_HOME
    process.env.VISCPM_HOME = folder
    try {
      const { weights } = await findModel('tiny')
      const paint = async (where: string) => {
        const options = { threads: 1, languageModel: weights, hub: hubOptions() }
        const painter = await VisCPMPaint.load(where, options)
        const { images } = await painter.generate({ prompt: '一只猫', steps: 2, seed: 7, candidates: 1 })
        await painter.dispose()
        return images[0]!.data
      }
      expect(await paint('fake/paint')).toEqual(await paint('tiny'))
    } finally {
      if (state === undefined) delete process.env.VISCPM_HOME
      else process.env.VISCPM_HOME = state
    }
  })
})
