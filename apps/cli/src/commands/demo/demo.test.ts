import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VisCPMChat } from '@viscpm/chat/node'
import { FileNotFoundError } from '@viscpm/core'
import { readPainting } from '@viscpm/paint/node'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeChat } from '../../fixtures/fake-chat.js'
import { fakePainter } from '../../fixtures/fake-painter.js'
import { files, run as runHere, start, until } from '../../fixtures/harness.js'
import { picturesFolder } from './pictures.js'
import { demoBlocked, demoFolder, demoPainting, demoScript } from './script.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'viscpm-cli-'))
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

const run: typeof runHere = (argv, options) =>
  runHere(argv, {
    ...options,
    services: {
      embeddedPainter: async () => true,
      loadPainter: fakePainter({ ranked: true }).load,
      ...options?.services,
    },
  })

const turns = demoScript.flatMap(picture => picture.turns)

describe('demo', () => {
  it('has its pictures', async () => {
    const names = await readdir(await picturesFolder())
    for (const { file } of demoScript) expect(names).toContain(file)
  })

  it('asks in both languages about two pictures, follows up, and says how to go on', async () => {
    const model = fakeChat()
    const loaded: string[] = []
    const loadChat = async (where: string) => {
      loaded.push(where)
      return model
    }
    const { code, stdout, stderr } = await run(['demo'], { services: { loadChat } })
    expect(code).toBe(0)
    expect(loaded).toEqual(['tiny'])
    for (const turn of turns) expect(stdout).toContain(`> ${turn.question}`)
    expect(turns.some(turn => /\p{Script=Han}/u.test(turn.question))).toBe(true)
    expect(turns.some(turn => /[a-z]{3}/.test(turn.question))).toBe(true)
    // The follow-up comes second, in the conversation of the turn it needs.
    const followUp = model.asked.find(({ question }) => turns.some(t => t.followUp && t.question === question))
    expect(followUp?.turns.length).toBeGreaterThan(0)
    expect(model.log.filter(entry => entry.startsWith('conversation'))).toHaveLength(2)
    expect(model.log.at(-1)).toBe('dispose')
    // Where nothing can be drawn, the path is told.
    for (const { file } of demoScript) expect(stdout).toContain(file)
    expect(stdout).not.toContain('\u001b')
    expect(stdout).toContain('viscpm chat cat.png "What is it?"')
    expect(stderr).toMatch(/^loading tiny\nloaded tiny in .*\nsafety strict: texts: word-list; pictures: no checker\n/)
  })

  it('shows the pictures where the terminal has colours', async () => {
    const services = { loadChat: async () => fakeChat() }
    const options = { services, tty: true, colorDepth: 24, env: { NO_COLOR: '' }, columns: 30 }
    const { stdout } = await run(['demo', '--lang', 'zh'], options)
    expect(stdout).toContain('▀')
    for (const line of stdout.split('\n')) expect(line.match(/▀/g)?.length ?? 0).toBeLessThan(30)
    expect(stdout).toContain('现在换成您自己的图片')
  })

  it('stops at Ctrl-C', async () => {
    const model = fakeChat({ gate: () => new Promise(() => {}) })
    const running = start(['demo'], { services: { loadChat: async () => model } })
    await until(() => model.asked.length === 1, 'the first question')
    running.interrupt()
    expect(await running.exitCode).toBe(130)
    expect(model.log.at(-1)).toBe('dispose')
  })

  it('paints a picture from a Chinese prompt, shows it, and says where it is', async () => {
    const painter = fakePainter({ ranked: true })
    const services = { loadChat: async () => fakeChat(), embeddedPainter: async () => true, loadPainter: painter.load }
    const { code, stdout, stderr } = await run(['demo'], { services })
    expect(code).toBe(0)
    expect(demoPainting.prompt).toMatch(/\p{Script=Han}/u)
    const file = join(demoFolder, 'painting.png')
    expect(stdout).toContain(`And it paints:\n> ${demoPainting.prompt}\npainted: ${file}\n`)
    expect(stderr).toMatch(/loading tiny\nloaded tiny in .*\npainting\npainted in .* s\n$/)
    expect(painter.loaded.map(({ where }) => where)).toEqual(['tiny'])
    expect(painter.asked.slice(0, 1)).toMatchObject([
      { prompt: demoPainting.prompt, steps: demoPainting.steps, scheduler: { name: 'DPMSolverMultistepScheduler' } },
    ])
    expect(painter.log).toEqual(['dispose'])
    // The best of four.
    expect(await readPainting(join(folder, file))).toMatchObject({ prompt: demoPainting.prompt, candidate: 3 })
    const drawn = await run(['demo'], { services, tty: true, colorDepth: 24, env: { NO_COLOR: '' } })
    expect(drawn.stdout).toMatch(/> .*\n.*▀.*painted: /s)
  })

  it('shows a prompt that is not painted, why, and what is not checked', async () => {
    const painter = fakePainter({ ranked: true })
    const services = { loadChat: async () => fakeChat(), loadPainter: painter.load }
    const { stdout } = await run(['demo'], { services })
    expect(stdout).toContain(
      `Not everything is painted:\n> ${demoBlocked}\nthe prompt was blocked by word-list (sexual): a listed word, p***\nNor does a picture pass`,
    )
    expect(stdout).toContain(
      'the painted picture was blocked by picture-checker: the checker is missing: not installed\nNo checker of pictures is embedded',
    )
    expect(painter.asked.map(({ prompt }) => prompt)).toEqual([demoPainting.prompt, demoBlocked])
    const chinese = await run(['demo', '--lang', 'zh'], { services })
    expect(chinese.stdout).toContain(
      '提示词被拦截：word-list（类别：色情），原因：含有词表中的词：p***\n检查器无法作答时，图片也不会通过',
    )
    expect(chinese.stdout).toContain('没有内置的图片检查器')
  })

  it('asks for no such thing where nobody would stop it', async () => {
    const painter = fakePainter({ ranked: true })
    const services = { loadChat: async () => fakeChat(), loadPainter: painter.load }
    const { code, stdout, stderr } = await run(['demo', '--safety', 'off'], { services })
    expect(code).toBe(0)
    expect(painter.asked.map(({ prompt }) => prompt)).toEqual([demoPainting.prompt])
    expect(stdout).not.toMatch(/Not everything|Nor does|No checker/)
    expect(stderr.match(/safety off/g)).toHaveLength(1)
  })

  it('does not say that pictures are unchecked where they are', async () => {
    const painter = fakePainter({ ranked: true })
    const loadPainter: typeof painter.load = async (where, options) => {
      const loaded = await painter.load(where, options)
      const coverage = { ...loaded.safety.coverage, 'painted-picture': ['eyes'] }
      return { ...loaded, safety: { ...loaded.safety, coverage } }
    }
    const { stdout } = await run(['demo'], { services: { loadChat: async () => fakeChat(), loadPainter } })
    expect(stdout).toContain('Not everything is painted')
    expect(stdout).not.toContain('No checker of pictures')
  })

  it('paints into the folder of temporary files where the current one cannot be written to', async () => {
    writeFileSync(join(folder, 'file'), '')
    vi.mocked(process.cwd).mockReturnValue(join(folder, 'file'))
    const { code, stdout } = await run(['demo'], { services: { loadChat: async () => fakeChat() } })
    expect(code).toBe(0)
    expect(stdout).toContain(`painted: ${join(tmpdir(), demoFolder, 'painting.png')}`)
    rmSync(join(tmpdir(), demoFolder), { recursive: true })
  })

  it('says when painting fails, and how to go on all the same', async () => {
    const loadPainter = async (): Promise<never> => {
      throw new FileNotFoundError({ file: '/x/tiny/paint', message: 'no such model file or folder' })
    }
    const { code, stdout, stderr } = await run(['demo'], {
      services: { loadChat: async () => fakeChat(), loadPainter },
    })
    expect(code).toBe(1)
    expect(stderr).toContain('/x/tiny/paint')
    expect(stdout).toContain('viscpm chat cat.png "What is it?"')
  })

  it('does not paint where the embedded model cannot', async () => {
    const painter = fakePainter({ ranked: true })
    const { code, stdout, stderr } = await run(['demo'], {
      services: { loadChat: async () => fakeChat(), embeddedPainter: async () => false, loadPainter: painter.load },
    })
    expect(code).toBe(0)
    expect(painter.loaded).toEqual([])
    expect(stdout + stderr).not.toMatch(/paint|error/)
  })

  it('stops at Ctrl-C while it paints', async () => {
    const painter = fakePainter({ gate: () => new Promise(() => {}) })
    const services = { loadChat: async () => fakeChat(), embeddedPainter: async () => true, loadPainter: painter.load }
    const running = start(['demo'], { services })
    await until(() => painter.asked.length === 1, 'the painting')
    running.interrupt()
    expect(await running.exitCode).toBe(130)
    expect(painter.log).toEqual(['dispose'])
  })

  it('says when its pictures are not there', async () => {
    const { code, stderr } = await run(['demo'], { services: { demoPictures: async () => '/nowhere' } })
    expect(code).toBe(1)
    expect(stderr).toContain('the pictures of the demo are not installed')
  })

  it('runs with a real model', async () => {
    const given = { vocabulary: files.vocabulary, config: files.config }
    const loadChat = async () => {
      const model = await VisCPMChat.load(files.model, given)
      const answer = model.conversation.bind(model)
      // The recorded model talks nonsense up to any limit: a low one will do.
      return Object.assign(model, {
        conversation: (image: Parameters<typeof answer>[0]) => {
          const talk = answer(image)
          return { reset: () => talk.reset(), stream: (q: string) => talk.stream(q, { maxNewTokens: 3 }) }
        },
      })
    }
    const { code, stdout } = await run(['demo'], { services: { loadChat } })
    expect(code).toBe(0)
    // The last ones are what it paints, and what it does not.
    expect(stdout.split('> ').length - 1).toBe(turns.length + 2)
  })
})
