import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { tinyFolder } from '@viscpm/chat/node'
import { answerText, type ChatAsk, chatBody, dataUrl, type PaintAsk, paintBody, paintedFile, post } from './client.js'

const pictures = ['apple', 'bus-and-tree', 'cat-above-fish', 'dog', 'guitar', 'house', 'three-things', 'two-balloons']
const questions = ['What is in the picture?', '这是什么？', 'What colour is it?']
const prompts = ['a red cat', '一只绿色的狗', 'a blue house', '黄色的苹果']

/** Something to ask for, and what comes back where nobody else asks. */
export type Known =
  | { readonly kind: 'chat'; readonly ask: ChatAsk; readonly right: string }
  | { readonly kind: 'paint'; readonly ask: PaintAsk; readonly right: string }

/** A picture that comes with the embedded model, as a file. */
export function demoPicture(name: string): Promise<Buffer> {
  return readFile(join(dirname(tinyFolder()), 'pictures', `${name}.png`))
}

/** Asks everything once, one after the other. Every answer is another one's, or the test would find nothing. */
export async function askAlone(base: string): Promise<Known[]> {
  const known: Known[] = []
  for (const picture of await Promise.all(pictures.map(async name => dataUrl(await demoPicture(name)))))
    for (const question of questions) {
      const ask = { picture, question, maxTokens: 24 }
      known.push({ kind: 'chat', ask, right: answerText(await post(base, '/v1/chat/completions', chatBody(ask))) })
    }
  for (const [i, prompt] of prompts.entries()) {
    const ask = { prompt, seed: 100 + i, steps: 2 }
    known.push({ kind: 'paint', ask, right: paintedFile(await post(base, '/v1/images/generations', paintBody(ask))) })
  }
  return known
}
