import { readFileSync } from 'node:fs'
import { InvalidArgumentError } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { WordListChecker } from './index.js'

const checker = new WordListChecker()
const decision = async (text: string) => (await checker.check(text)).decision

describe('words', () => {
  it.each([
    ['a porn picture', 'sexual'],
    ['two dildos', 'sexual'],
    ['get a blow job', 'sexual'],
    ['what a motherfucker', 'profanity'],
    ['BULLSHIT!', 'profanity'],
    ['those niggers', 'hate'],
    ['sieg heil', 'hate'],
    ['a severed head on a plate', 'violence'],
    ['how to make a bomb at home', 'violence'],
    ['I want to kill myself', 'self-harm'],
    ['where to buy cocaine', 'drugs'],
    ['画一张色情图片', 'sexual'],
    ['鸡巴', 'sexual'],
    ['他妈的', 'profanity'],
    ['支那人去死', 'hate'],
    ['如何制作炸弹', 'violence'],
    ['我想自杀', 'self-harm'],
    ['海洛因在哪里买', 'drugs'],
    ['嫖资多少', 'sexual'],
    ['卖淫女', 'sexual'],
    ['她想上吊', 'self-harm'],
    ['凶手勒死了他', 'violence'],
    ['毒枭的生意', 'drugs'],
    ['mycocainepics', 'drugs'],
  ])('%s: %s', async (text, category) => {
    const verdict = await checker.check(text)
    expect(verdict).toMatchObject({ decision: 'block', category, checker: 'word-list' })
    expect(verdict.modelHash).toMatch(/^[0-9a-f]{64}$/)
  })

  it('says why without repeating the word', async () => {
    for (const text of ['porn', 'blow job', '色情', '屌'])
      expect((await checker.check(text)).reason?.toLowerCase()).not.toContain(text)
    expect((await checker.check('PORN')).reason).toBe("a word of the list 'sexual': p***")
  })
})

describe('disguises', () => {
  it.each([
    ['full-width', 'ｐｏｒｎ'],
    ['mathematical letters', '𝓹𝓸𝓻𝓷 𝕡𝕠𝕣𝕟'],
    ['circled letters', 'ⓟⓞⓡⓝ'],
    ['boxed letters', '🅟🅞🅡🅝'],
    ['zero-width characters', 'p\u200bo\u200cr\ufeffn'],
    ['soft hyphens', 'po\u00adrn'],
    ['combining marks', 'p̷̲o̷͎r̷͙ń̷'],
    ['precomposed marks', 'pörñ'],
    ['direction marks', '\u202eporn'],
    ['Cyrillic', 'роrn'],
    ['Greek', 'ρorn'],
    ['small capitals', 'ᴘᴏʀɴ'],
    ['leetspeak', 'p0rn'],
    ['leetspeak with signs', '@n@l $ex'],
    ['1 for l', 's1ut'],
    ['1 for i', 'd1ck'],
    ['stretched letters', 'pooooorrrnn'],
    ['spaces', 'p o r n'],
    ['wide spaces', 'p   o   r   n'],
    ['dots', 'p.o.r.n'],
    ['hyphens', 'fu-ck'],
    ['underscores', 'f_u_c_k'],
    ['mixed signs', 'f.u-c_k'],
    ['one cut', 'fu ck you'],
    ['stars', 'f**k'],
    ['one star', 'p*rn'],
    ['digits around', '69porn69'],
    ['inside a longer word', 'xxxpornxxx'],
    ['beside Chinese', '看porn片'],
    ['traditional', '畫一張雞巴'],
    ['traditional and wide', '陰　莖'],
    ['spaces in Chinese', '色 情'],
    ['stars in Chinese', '看色*情*片'],
    ['dots in Chinese', '色.情'],
    ['a middle dot in Chinese', '一张色·情的图片'],
    ['a space inside a Chinese sentence', '一张色 情的图片'],
    ['a wide space inside a Chinese sentence', '一张色　情的图片'],
    ['a line break inside a Chinese sentence', '一张色\n情的图片'],
    ['an emoji inside a Chinese sentence', '一张色🙂情的图片'],
    ['spaces, signs and emoji at once', '一张色 *🙂 情的图片'],
    ['zero-width in Chinese', '色\u200b情'],
    ['stretched Chinese', '色色情情'],
    ['a digit in Chinese', '鸡8'],
    ['full-width Latin in Chinese', 'Ａ片'],
  ])('%s', async (_, text) => {
    expect(await decision(text)).toBe('block')
    expect(await decision(`a cat, ${text}, a dog`)).toBe('block')
  })
})

describe('harmless texts', () => {
  it.each([
    'Scunthorpe',
    'assassin',
    'a cocktail on a table',
    'class assignment',
    'analysis and canals',
    'a therapist',
    'grapes and drapes',
    'the pen is mightier',
    'who rents this?',
    "it's hit the wall",
    'as so often',
    'a blue tit on a branch',
    'tit for tat',
    'a Maine coon cat',
    'summa cum laude',
    'Moby Dick',
    'a peacock and a cockerel',
    'spices in bowls',
    'heroines of old',
    'rap music, he rapped',
    'Matsushita and Kishitani',
    'Essex and Sussex',
    'suicide prevention hotline',
    'push-it-up',
    'a b c d e f g h',
    '10 * 5 = 50',
    'a**b',
    'C++ and 455',
    'Mass. hit by a storm',
    'she hit it',
    'bass guitar',
    'titanium',
    'Dickens wrote it',
    'shiitake mushrooms',
    'a pussy willow',
    'annals of physics',
    'sex education',
    'www.sussex.ac.uk',
    '鸡',
    '一只鸡和一只鸭',
    '鸡蛋',
    '公鸡打鸣',
    '男性爱好者',
    '女性交流会',
    '人口交流',
    '出口交易',
    '路口交通',
    '当做爱好',
    '红色 情侣装',
    '蓝色情调',
    '特色情况',
    '大麻烦',
    '天津大麻花',
    '生日你好',
    '体操你会吗',
    '乌龟头上',
    '注射精华',
    '烤肉棒',
    '年轻生命',
    '减轻生活压力',
    '太阳具有能量',
    '我妈的生日',
    '靠背椅',
    '刚度系数',
    '成人教育',
    '玉米棒子',
    '剥皮的香蕉',
    '吃鸡吧',
    '几巴掌',
    '印度支那半岛',
    '鸦片战争',
    '预防自杀',
    '禁毒宣传',
    'without distinction of race, colour, sex, language or religion',
    'Gender and sex are asked for in the form.',
    'Tom, Dick and Harry',
    'Tom and Dick were both heroes',
    "Swallow the raw fish--it won't kill you!",
    'This drug will retard your heart rate',
    'Mr. Lipshitz',
    'a reclining nude by Modigliani',
    '她妈妈的菜很好吃',
    '他妈妈的书包',
    '他奶奶的房子在乡下',
    '乳房健康检查',
    '离骚比九歌长',
    '鸡巴掌大',
    '合肥西站，肥西县',
    '哈利法克斯港',
    '淫羊藿是一种草药',
    '浸淫书法多年',
    '艺妓回忆录',
    '路上吊车很多',
    '私处理垃圾',
    '各自尽力',
    '侵华日军南京大屠杀遇难同胞纪念馆',
    '树上吊着灯笼',
    '我爱红色🙂情侣装',
    '出口 交易',
    '蓝色\n情调',
    '红色，情人节',
    '红色。情人节',
    '笑い 日本語の文',
    'Привет, мир',
    '안녕하세요',
    '',
    ' ',
    '\n\n',
    '\ud800',
    '🐔🐓',
    '𝔱𝔥𝔢 𝔠𝔞𝔱',
  ])('%j', async text => {
    expect(await checker.check(text)).toMatchObject({ decision: 'allow' })
  })

  it('are all things, colours and scenes of the embedded world', async () => {
    const world = new URL('../../../../tools/train-tiny/', import.meta.url)
    const texts = ['world.json', 'phrases.json'].flatMap(name =>
      strings(JSON.parse(readFileSync(new URL(name, world), 'utf8'))),
    )
    expect(texts.length).toBeGreaterThan(3000)
    const blocked: string[] = []
    for (const text of texts) if ((await decision(text)) !== 'allow') blocked.push(text)
    expect(blocked).toEqual([])
  })
})

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]) => [key, ...strings(inner)])
}

describe('options', () => {
  it('takes categories, words and harmless phrases', async () => {
    const own = new WordListChecker({
      categories: ['drugs'],
      words: { brand: ['acme', '*corp*', '坏牌子'] },
      harmless: ['acme street'],
    })
    expect(await own.check('porn')).toMatchObject({ decision: 'allow' })
    expect(await own.check('cocaine')).toMatchObject({ category: 'drugs' })
    expect(await own.check('ACME')).toMatchObject({ category: 'brand' })
    expect(await own.check('megacorps')).toMatchObject({ category: 'brand' })
    expect(await own.check('坏 牌 子')).toMatchObject({ category: 'brand' })
    expect(await own.check('壞牌子')).toMatchObject({ category: 'brand' })
    expect(await own.check('in Acme Street')).toMatchObject({ decision: 'allow' })
    expect((await own.check('')).modelHash).not.toBe((await checker.check('')).modelHash)
  })

  it('refuses what is no list', () => {
    expect(() => new WordListChecker({ categories: ['politics' as never] })).toThrow(InvalidArgumentError)
    expect(() => new WordListChecker({ words: { x: 'word' as never } })).toThrow(InvalidArgumentError)
  })
})

describe('long texts', () => {
  const megabyte = 1_000_000
  it.each<[string, string]>([
    ['words', 'the cat sat on a mat. '.repeat(megabyte / 22)],
    ['Chinese', '一只红色的猫坐在垫子上。'.repeat(megabyte / 12)],
    ['one letter', 'a'.repeat(megabyte)],
    ['beginnings of words', 'porporporsessse'.repeat(megabyte / 15)],
    ['stars', 'f*x* '.repeat(megabyte / 5)],
    ['only stars', '*'.repeat(megabyte)],
    ['digits', '1'.repeat(megabyte)],
    ['single letters', 'q '.repeat(megabyte / 2)],
    ['signs', 'q.-'.repeat(megabyte / 3)],
    ['marks in disorder', `a${'\u0301\u0323'.repeat(megabyte / 2)}`],
    ['spaces', ' '.repeat(megabyte)],
    ['almost harmless', 'scunthorp'.repeat(megabyte / 9)],
    ['lone surrogates', '\ud800'.repeat(megabyte)],
  ])('of %s are checked in linear time', async (_, text) => {
    const start = performance.now()
    await checker.check(text)
    // Quadratic work on a megabyte takes minutes.
    expect(performance.now() - start).toBeLessThan(30_000)
  })

  it('are read to their end', async () => {
    expect(await decision(`${'the cat sat. '.repeat(80_000)}p0rn`)).toBe('block')
  })
})
