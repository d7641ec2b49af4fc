import { readdir } from 'node:fs/promises'
import { VisCPMChat } from '@viscpm/chat/node'
import { describe, expect, it } from 'vitest'
import { fakeChat } from '../../fixtures/fake-chat.js'
import { files, run, start, until } from '../../fixtures/harness.js'
import { picturesFolder } from './pictures.js'
import { demoScript } from './script.js'

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
    expect(stderr).toMatch(/^loading tiny\nloaded tiny in /)
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
    expect(stdout.split('> ').length - 1).toBe(turns.length)
  })
})
