import { readFile } from 'node:fs/promises'
import { findModel, VisCPMChat } from '@viscpm/chat/node'
import { CpmBeeTokenizer, escapeText, packBatch } from '@viscpm/tokenizer'
import type { Reply } from '../protocol.js'
import { drawnPicture } from './picture-talk.js'

async function timed<T>(work: () => Promise<T>): Promise<[result: T, ms: number]> {
  const start = performance.now()
  const result = await work()
  return [result, performance.now() - start]
}

/** The embedded model: load, a first question with the picture, a second one that finds its states there. */
export async function chatOnce(threads: number): Promise<Reply<'chat'>> {
  const [chat, loadMs] = await timed(() => VisCPMChat.load('tiny', { threads }))
  const talk = chat.conversation(drawnPicture(200))
  const [answer, firstMs] = await timed(() => talk.ask('What is this?'))
  const [, nextMs] = await timed(() => talk.ask('它是什么颜色？'))
  await chat.dispose()
  return { loadMs, firstMs, nextMs, tokens: answer.usage.completionTokens }
}

const text = '画面里有一只红色的猫和两个苹果。 A small red cat sits to the left of two green apples, 3 metres away. '

/** Millions of code points and tokens a second, and milliseconds to pack a question. */
export async function tokenizeOnce(): Promise<Reply<'tokenize'>> {
  const { vocabulary } = await findModel('tiny')
  const tokenizer = CpmBeeTokenizer.fromVocabulary(await readFile(vocabulary), vocabulary)
  const input = escapeText(text.repeat(200))
  const rate = (work: () => number): number => {
    for (let i = 0; i < 5; i++) work()
    const start = performance.now()
    let units = 0
    while (performance.now() - start < 300) units += work()
    return units / (performance.now() - start) / 1000
  }
  const { ids, extTable } = tokenizer.encode(input)
  const question = new Map([
    ['image', '<unk>'.repeat(64)],
    ['question', escapeText(text)],
    ['<ans>', ''],
  ])
  return {
    encode: rate(() => {
      tokenizer.encode(input)
      return input.length
    }),
    decode: rate(() => {
      tokenizer.decode(ids, extTable)
      return ids.length
    }),
    pack: 1 / (1000 * rate(() => packBatch(tokenizer, [question]).batch)),
  }
}
