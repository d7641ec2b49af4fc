import { fileURLToPath } from 'node:url'
import type { VisCPMChat as Chat } from '@viscpm/chat'
import { loadImage, VisCPMChat } from '@viscpm/chat/node'
import { noSafety } from '@viscpm/safety'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CritiqueChat, SelfCritic } from './self-critic.js'

const picture = (name: string) =>
  loadImage(fileURLToPath(new URL(`../../../tiny/pictures/${name}.png`, import.meta.url)))

let chat: Chat
beforeAll(async () => {
  chat = await VisCPMChat.load('tiny', { safety: noSafety({ logger: { warn: () => {} } }), threads: 1 })
})
afterAll(() => chat.dispose())

test.each(['caption', 'yes'] as const)('%s finds the picture that a prompt means, in both languages', async way => {
  const critic = new SelfCritic({ chat, way })
  const images = [await picture('guitar'), await picture('dog'), await picture('apple')]
  for (const prompt of ['a dog', '一条狗']) expect((await critic.best(prompt, images)).index, prompt).toBe(1)
  for (const prompt of ['an apple', '一个苹果']) expect((await critic.best(prompt, images)).index, prompt).toBe(2)
})

test.each(['information', 'prompt'] as const)('%s scores the description that chat gives', async way => {
  const critic = new SelfCritic({ chat, way })
  const [{ description, score } = {}, again] = await critic.critique('a dog', [
    await picture('dog'),
    await picture('dog'),
  ])
  expect(description).toMatch(/dog/)
  expect(score).toBeLessThan(way === 'prompt' ? 0 : Number.POSITIVE_INFINITY)
  expect(again).toEqual({ description, score })
})

test('a chat that says nothing of a picture ranks it last; without a prompt all are alike', async () => {
  const silent: CritiqueChat = {
    name: 'silent',
    ask: async image => ({ text: image.width === 1 ? '' : 'A dog.', finishReason: 'stop' }),
    score: async (_image, _question, answers) => answers.map(() => ({ logProbs: [-1], logProb: -1 })),
  }
  const critic = new SelfCritic({ chat: silent, way: 'information' })
  const of = (width: number) => ({ width, height: 1, data: new Uint8Array(width * 3) })
  expect(await critic.best('a dog', [of(1), of(2)])).toMatchObject({ index: 1 })
  expect(await critic.score(' ', [of(1), of(2)])).toEqual([0, 0])
  expect(() => new SelfCritic({ chat: silent, way: 'guess' as never })).toThrow("no way 'guess'")
  const controller = new AbortController()
  controller.abort(new Error('enough'))
  await expect(critic.score('a dog', [of(1)], { signal: controller.signal })).rejects.toThrow('enough')
})
