import { createRequire } from 'node:module'
import path from 'node:path'
import { loadImage, VisCPMChat } from '@viscpm/chat/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { messages } from '../i18n/index.js'
import { samples } from './samples.js'

const fileOf = (url: string): string =>
  createRequire(import.meta.url).resolve(`@viscpm/tiny/pictures/${path.basename(url)}`)

let chat: VisCPMChat
beforeAll(async () => {
  chat = await VisCPMChat.load('tiny')
}, 240_000)
afterAll(() => chat?.dispose())

// The first thing that somebody tries.
it.each(samples)('the embedded model names $name in both languages', { timeout: 120_000 }, async ({ name, url }) => {
  const picture = await loadImage(fileOf(url))
  for (const [language, question] of [
    ['en', 'What is it?'],
    ['zh', '这是什么？'],
  ] as const) {
    const { text } = await chat.conversation(picture).ask(question, { decoding: 'greedy' })
    for (const thing of messages[language].chat.samples[name].split(/ and |和/))
      expect(text).toContain(thing.replace(/^an? /, ''))
  }
})
