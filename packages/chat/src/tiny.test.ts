import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { preprocess } from '@viscpm/core/image'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { QFormer } from '@viscpm/qformer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type VisCPMChat as Chat, parseChatConfig, type Turn } from './index.js'
import { loadImage, tinyFolder, VisCPMChat } from './node/index.js'

interface Asked {
  readonly language: 'zh' | 'en'
  readonly context: string
  readonly question: string
  /** What the training code answered, greedily, from the same weights. */
  readonly greedy: string
  readonly greedy_right: boolean
}

interface Item {
  readonly picture: string
  readonly questions: readonly Asked[]
  readonly vision_hidden_states?: { shape: number[]; first_row: number[]; sums: number[]; norms: number[] }
}

const recorded = new URL('../../tiny/eval/', import.meta.url)
const { items } = JSON.parse(readFileSync(new URL('set.json', recorded), 'utf8')) as { items: readonly Item[] }
const pictureOf = (item: Item) => loadImage(fileURLToPath(new URL(item.picture, recorded)))

/** The history as text, back into turns. */
function turnsOf(context: string): Turn[] {
  return [...context.matchAll(/User: (.*)\nAI: (.*)\n/g)].map(([, question, answer]) => ({
    question: question!,
    answer: answer!,
  }))
}

describe('the embedded model', () => {
  let chat: Chat
  beforeAll(async () => {
    chat = await VisCPMChat.load('tiny')
  })
  afterAll(() => chat.dispose())

  it('answers as it did where it was trained', async () => {
    let same = 0
    const others: string[] = []
    for (const item of items) {
      const image = await pictureOf(item)
      for (const { context, question, greedy } of item.questions) {
        const asked = { turns: turnsOf(context), question, syntax: 'text' } as const
        const answering = chat.answer(image, asked, { decoding: 'greedy', maxNewTokens: 64 })
        let next = await answering.next()
        while (!next.done) next = await answering.next()
        if (next.value.text === greedy) same++
        else others.push(`${item.picture} ${question}: ${next.value.text} | ${greedy}`)
      }
    }
    const all = items.reduce((n, item) => n + item.questions.length, 0)
    expect(all).toBeGreaterThan(50)
    // Two tokens that are equally likely may change places between float32 kernels, hardly ever more.
    expect(others.length, others.join('\n')).toBeLessThanOrEqual(Math.ceil(all / 50))
    expect(same).toBeGreaterThan(0)
  })

  it('answers about pictures with lookup as without, piece by piece', async () => {
    let [accepted, drafted] = [0, 0]
    for (const item of items.slice(0, 12)) {
      const image = await pictureOf(item)
      for (const { context, question } of item.questions) {
        const asked = { turns: turnsOf(context), question, syntax: 'text' } as const
        const read = async (lookup: boolean) => {
          const options = { decoding: 'greedy', maxNewTokens: 64, lookup, repetitionPenalty: 1.02 } as const
          const answering = chat.answer(image, asked, options)
          const pieces: unknown[] = []
          let next = await answering.next()
          for (; !next.done; next = await answering.next()) pieces.push(next.value)
          return { pieces, answer: next.value }
        }
        const [plain, looked] = [await read(false), await read(true)]
        expect(looked.answer.text).toBe(plain.answer.text)
        expect(looked.answer.finishReason).toBe(plain.answer.finishReason)
        expect(looked.pieces).toEqual(plain.pieces)
        expect(plain.answer.usage.drafted).toBeUndefined()
        accepted += looked.answer.usage.accepted!
        drafted += looked.answer.usage.drafted!
      }
    }
    // Right and wrong guesses alike.
    expect(accepted).toBeGreaterThan(3)
    expect(drafted).toBeGreaterThan(accepted)
  })

  it('answers in the language of the question', async () => {
    const [first] = items
    const image = await pictureOf(first!)
    expect((await chat.ask(image, '图里有什么？')).language).toBe('zh')
    expect((await chat.ask(image, 'What is in the picture?')).language).toBe('en')
  })
})

it('the tower sees what it saw where it was trained', async () => {
  const config = parseChatConfig(JSON.parse(readFileSync(`${tinyFolder()}/config.json`, 'utf8'))).vision
  const weights = await openCheckpoint(tinyFolder())
  const tower = await QFormer.load({ weights, config, backend: onnxruntimeNode() })
  let compared = 0
  for (const item of items) {
    const states = item.vision_hidden_states
    if (!states) continue
    const { data, shape } = await tower.encode(preprocess(await pictureOf(item), config.imageSize).data)
    expect(shape).toEqual(states.shape)
    const scale = Math.max(1, ...states.norms)
    for (const [i, value] of states.first_row.entries())
      expect(Math.abs(Number(data[i]) - value)).toBeLessThan(1e-3 * scale)
    compared++
  }
  expect(compared).toBeGreaterThan(3)
  await tower.dispose()
  await weights.close()
})
