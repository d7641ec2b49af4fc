import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Turn } from '@viscpm/chat'
import { loadImage } from '@viscpm/chat/node'
import type { Image } from '@viscpm/core'
import { embeddedPlace } from '../../embedded.js'

/** A question about a picture. */
export interface Question {
  readonly image: Image
  readonly turns: readonly Turn[]
  readonly question: string
  readonly expected: string
}

interface TestSet {
  readonly items: readonly {
    readonly picture: string
    readonly questions: readonly { readonly context: string; readonly question: string; readonly expected: string }[]
  }[]
}

/**
 * The embedded model's test set, in both languages; of fewer the pictures are spread over the whole.
 * @param wanted how many questions at most
 * @returns undefined where the set is not installed
 * @throws MissingDependencyError
 */
export async function testQuestions(
  wanted: number = Number.POSITIVE_INFINITY,
): Promise<readonly Question[] | undefined> {
  const folder = await embeddedPlace('eval')
  const text = await readFile(join(folder, 'set.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const { items } = JSON.parse(text) as TestSet
  const all = items.flatMap(({ picture, questions }) => questions.map(question => ({ picture, ...question })))
  const count = Math.min(wanted, all.length)
  const chosen = Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]!)
  const images = new Map<string, Image>()
  for (const { picture } of chosen)
    if (!images.has(picture)) images.set(picture, await loadImage(join(folder, picture)))
  return chosen.map(({ picture, context, question, expected }) => ({
    ...{ image: images.get(picture)!, turns: turnsOf(context), question, expected },
  }))
}

/** A history as text, back into turns. */
function turnsOf(context: string): Turn[] {
  return [...context.matchAll(/User: (.*)\nAI: (.*)\n/g)].map(([, question, answer]) => ({
    question: question!,
    answer: answer!,
  }))
}

/** Tasks for a language model that sees nothing, in both languages. */
export const textTasks: readonly { readonly input: string; readonly question: string }[] = [
  { input: '猫是一种常见的家养动物，喜欢捉老鼠，也喜欢在阳光下睡觉。', question: '猫喜欢做什么？' },
  {
    input: 'The Amazon is a river in South America. It carries more water than any other river.',
    question: 'Where is the Amazon?',
  },
  { input: '小明有三个苹果，妈妈又给了他两个。', question: '小明现在有几个苹果？' },
  {
    input: 'Anna left the house at seven and came back two hours later with bread and milk.',
    question: 'What did Anna bring?',
  },
  { input: '长城是中国古代的防御工程，全长两万多公里。', question: '长城有多长？' },
  {
    input: 'Bees collect nectar from flowers and turn it into honey, which they keep for the winter.',
    question: 'Why do bees make honey?',
  },
  { input: '北京是中国的首都，上海是中国最大的城市之一。', question: '中国的首都是哪里？' },
  {
    input: 'Water freezes at zero degrees Celsius and boils at one hundred.',
    question: 'At which temperature does water boil?',
  },
]

/** What is painted, in both languages; the embedded painter knows the first half. */
export const paintingPrompts: readonly string[] = [
  'a cat',
  '一个红色的苹果',
  'a blue car on a yellow background',
  '一只狗',
  '雪山下的湖，油画',
  'a white bus beside a green tree',
  '夜晚的城市街道，霓虹灯',
  'a portrait of an old man, pencil drawing',
]
