import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtures, recordedModel } from './fixtures/load.js'
import type { VisCPMChat as Chat } from './index.js'
import { loadImage, VisCPMChat } from './node/index.js'

interface Case {
  readonly id: string
  readonly image: string
  readonly turns: readonly { readonly question: string; readonly answer: string }[]
}

/** Recorded talks of the original (its own chat(), turn after turn), run with its defaults. */
const cases = JSON.parse(readFileSync(join(fixtures, 'chat-cases.json'), 'utf8')) as Case[]

describe('the original, word for word', () => {
  let chat: Chat
  beforeAll(async () => {
    chat = await VisCPMChat.load(recordedModel)
  })
  afterAll(() => chat.dispose())

  it.each(cases)('$id', async ({ image, turns }) => {
    const talk = chat.conversation(await loadImage(join(fixtures, 'images', `${image}.png`)), { syntax: 'raw' })
    for (const { question, answer } of turns) expect((await talk.ask(question)).text).toBe(answer)
    expect(talk.turns).toHaveLength(turns.length)
  })
})
