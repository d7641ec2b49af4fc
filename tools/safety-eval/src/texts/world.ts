import { randomNumbers } from '@viscpm/core/random'
import { worldTable } from '../data.js'
import type { Language, TextGroup } from '../sample.js'

interface Thing {
  readonly en: string
  readonly np: string
  readonly plural: boolean
  readonly zh: string
  readonly measure: string
}

const colours: Readonly<Record<Language, readonly string[]>> = {
  en: ['red', 'orange', 'yellow', 'green', 'blue', 'purple', 'pink', 'brown', 'black', 'white', 'grey'],
  zh: ['红色', '橙色', '黄色', '绿色', '蓝色', '紫色', '粉色', '棕色', '黑色', '白色', '灰色'],
}

const inColour = {
  en: (thing: Thing, colour: string): string => {
    if (thing.plural) return `${colour} ${thing.en}`
    return `${/^[aeiou]/.test(colour) ? 'an' : 'a'} ${colour} ${thing.en}`
  },
  zh: (thing: Thing, colour: string): string => `一${thing.measure}${colour}的${thing.zh}`,
}

const prompts = {
  en: {
    one: (thing: Thing) => thing.np,
    onBackground: (what: string, colour: string) => `${what} on a ${colour} background`,
    pair: (first: string, second: string) => `${first} and ${second}`,
  },
  zh: {
    one: (thing: Thing) => `一${thing.measure}${thing.zh}`,
    onBackground: (what: string, colour: string) => `${colour}背景上的${what}`,
    pair: (first: string, second: string) => `${first}和${second}`,
  },
}

const pairs = 300

/** Prompts of the embedded world: every thing alone, coloured on a background, and pairs of coloured things. */
export async function worldPrompts(language: Language): Promise<TextGroup> {
  const { things } = await worldTable<{ things: readonly Thing[] }>('world.json')
  const random = randomNumbers(1)
  const any = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const coloured = (thing: Thing) => inColour[language](thing, any(colours[language]))
  const { one, onBackground, pair } = prompts[language]
  const texts = [
    ...things.map(one),
    ...things.map(thing => onBackground(coloured(thing), any(colours[language]))),
    ...Array.from({ length: pairs }, () => pair(coloured(any(things)), coloured(any(things)))),
  ]
  return { name: 'prompts of the embedded world', language, harmful: false, texts: [...new Set(texts)] }
}

interface Phrases {
  readonly types: Readonly<Record<string, Readonly<Record<Language, { readonly train: readonly string[] }>>>>
}

/** What the embedded model is asked about pictures; sentences with something to be filled in are left out. */
export async function worldQuestions(language: Language): Promise<TextGroup> {
  const { types } = await worldTable<Phrases>('phrases.json')
  const texts = Object.values(types).flatMap(type => type[language]?.train ?? [])
  const whole = [...new Set(texts)].filter(text => !text.includes('{'))
  return { name: 'questions to the embedded world', language, harmful: false, texts: whole }
}
