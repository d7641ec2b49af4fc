import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findModel, loadImage, VisCPMChat } from '@viscpm/chat/node'
import { drain, greedy, type LanguageModel } from '@viscpm/cpm-bee'
import { type Prompt, seeded, toBatch } from '../prompt.js'
import type { LookupSide, Reply } from '../protocol.js'
import { ScriptedModel } from './scripted.js'

const talks = [
  ['Describe the picture.', 'What is in the picture?', 'Describe the picture again.'],
  ['描述一下这张图片。', '图里有什么？', '请再描述一下这张图片。'],
]

/** Both ways over the same questions, in turns; `same`: every answer was the same. */
async function inTurns(
  count: number,
  ask: (index: number, lookup: boolean) => Promise<{ text: string; side: LookupSide }>,
): Promise<Reply<'lookupText'>> {
  const sum = () => ({ ms: 0, tokens: 0, drafted: 0, accepted: 0 })
  const sides = [sum(), sum()] as const
  let same = true
  for (let i = 0; i < count; i++) {
    const texts: string[] = []
    for (const lookup of i % 2 === 0 ? [false, true] : [true, false]) {
      const { text, side } = await ask(i, lookup)
      texts.push(text)
      const total = sides[lookup ? 1 : 0]
      for (const key of ['ms', 'tokens', 'drafted', 'accepted'] as const) total[key] += side[key]
    }
    same &&= texts[0] === texts[1]
  }
  return { plain: sides[0], lookup: sides[1], same }
}

/** The embedded model about its own pictures: descriptions and questions that follow them. */
export async function lookupChat(threads: number): Promise<Reply<'lookupChat'>> {
  const chat = await VisCPMChat.load('tiny', { threads })
  const folder = join(dirname((await findModel('tiny')).weights), 'pictures')
  const pictures = (await readdir(folder)).filter(name => name.endsWith('.png'))
  const images = await Promise.all(pictures.map(name => loadImage(join(folder, name))))
  for (const image of images) await chat.ask(image, talks[0]![0]!)
  const result = await inTurns(images.length * talks.length, async (i, lookup) => {
    const talk = chat.conversation(images[i % images.length]!)
    const side = { ms: 0, tokens: 0, drafted: 0, accepted: 0 }
    const texts: string[] = []
    for (const question of talks[Math.floor(i / images.length)]!) {
      const { text, timings, usage } = await talk.ask(question, { decoding: 'greedy', maxNewTokens: 64, lookup })
      texts.push(text)
      side.ms += timings.decode
      side.tokens += usage.completionTokens
      side.drafted += usage.drafted ?? 0
      side.accepted += usage.accepted ?? 0
    }
    return { text: texts.join('\n'), side }
  })
  await chat.dispose()
  return result
}

/** Kinds of texts: how much of it stands in the prompt, or where chance makes false matches of the few tokens there are. */
export const textKinds = ['copied', 'half copied', 'chance matches', 'nothing repeats'] as const
export type TextKind = (typeof textKinds)[number]

function scriptOf(kind: TextKind, prompt: Prompt, vocabSize: number): (position: number) => number {
  const next = seeded(11)
  const random = Array.from({ length: 4096 }, () => next())
  const ids = prompt.ids.filter((_, i) => prompt.subs[i] === 0)
  const anything = (i: number) => 10 + (random[i]! % (vocabSize - 10))
  return position => {
    if (kind === 'nothing repeats') return anything(position)
    if (kind === 'chance matches') return 10 + (random[position]! % 12)
    // A slip every 25 tokens; and half copied: 20 copied, 20 new.
    if (position % 25 === 24 || (kind === 'half copied' && position % 40 >= 20)) return anything(position)
    return ids[position % ids.length]!
  }
}

/** A text of one kind, with the times of the loaded model. */
export async function lookupText(
  model: LanguageModel,
  prompt: Prompt,
  kind: TextKind,
  tokens: number,
): Promise<Reply<'lookupText'>> {
  const batch = toBatch(prompt, model.vocabSize)
  const scripted = new ScriptedModel(model, scriptOf(kind, prompt, model.vocabSize))
  const special = { bosId: prompt.bosId, eosId: -1, unkId: 0 }
  return inTurns(2, async (_, lookup) => {
    let start = 0
    const onProgress = () => {
      start ||= performance.now()
    }
    const options = { tokens: special, maxLength: tokens, lookup, onProgress }
    const [decoded] = await drain(greedy(scripted, batch, options))
    const side = { ms: performance.now() - start, tokens, drafted: 0, accepted: 0, ...decoded!.lookup }
    return { text: decoded!.tokens.map(token => token.id).join(), side }
  })
}
