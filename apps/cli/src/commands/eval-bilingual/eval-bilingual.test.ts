import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BilingualCard } from '@viscpm/eval'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeChat } from '../../fixtures/fake-chat.js'
import { fakePainter } from '../../fixtures/fake-painter.js'
import { files, inThread, run, start, until } from '../../fixtures/harness.js'
import type { Painter } from '../../models.js'
import type { Services } from '../../services.js'
import type { BilingualHost } from './hosted.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-cli-bilingual-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)
const readCard = async (file: string) => JSON.parse(await readFile(file, 'utf8')) as BilingualCard

describe('viscpm eval bilingual', () => {
  it('measures the embedded model', { timeout: 240_000 }, async () => {
    const argv = ['eval', 'bilingual', '--limit', '4', '--steps', '3', '--json', at('card.json')]
    const { code, stdout } = await run([...argv, '--html', at('page.html'), '--svg', at('plots')], {
      services: inThread,
    })
    expect(code).toBe(0)
    const { format, settings, pictures, answers, verdicts, layers } = await readCard(at('card.json'))
    expect(format).toBe('viscpm-bilingual-1')
    expect(settings).toMatchObject({
      pairs: { prompts: 4, questions: 4, texts: 4 },
      paint: { seeds: ['1000', '1001'], steps: 3, model: { hash: expect.stringMatching(/^[0-9a-f]{16,}/) } },
      chat: { model: 'tiny', decoding: 'greedy' },
      eyes: 'tiny',
    })
    for (const card of [pictures!.pixels, pictures!.embedding, pictures!.features]) {
      expect(card.each).toHaveLength(4)
      expect(card.languages.value).toBeLessThan(card.otherPrompt.value)
    }
    expect(answers!.asked).toBe(4)
    expect(verdicts!.texts).toMatchObject({ pairs: 12, onlyEn: 0 })
    expect(verdicts).not.toHaveProperty('pictures')
    expect(layers!.map(({ model }) => model)).toEqual(['viscpm-paint', 'viscpm-chat'])
    for (const { mean, last } of layers!) {
      expect(mean.layers.map(({ layer }) => layer)).toEqual([0, 1, 2, 3, 4])
      expect(last.layers.map(({ layer }) => layer)).toEqual([1, 2, 3, 4])
    }
    expect(stdout).toContain('hidden states: viscpm-paint')
    expect(stdout).toMatch(/CLIP embedding +0\.\d{3}/)
    const page = await readFile(at('page.html'), 'utf8')
    expect(page.match(/<svg/g)).toHaveLength(3)
    expect(page).not.toContain('<script')
    expect((await readdir(at('plots'))).sort()).toEqual([
      'layers-viscpm-chat.svg',
      'layers-viscpm-paint.svg',
      'pictures.svg',
    ])
    expect(await readFile(at('plots/pictures.svg'), 'utf8')).toMatch(
      /^<svg [^>]*>\n<title.*<style>.*prefers-color-scheme/s,
    )
  })

  it('tells it in Chinese', async () => {
    const { code, stdout } = await run(['eval', 'bilingual', '--only', 'verdicts', '--lang', 'zh'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/安全审查[\s\S]*都拦下/)
  })
})

/** Two prompts and two questions; models that a test writes itself. */
async function small(gate?: (prompt: string) => Promise<void>) {
  const pair = (type: string, id: string, en: string, zh: string) =>
    JSON.stringify({ type, id, en, zh, ...(type === 'question' && { picture: files.picture }) })
  const pairs = [
    pair('prompt', 'cat', 'a cat', '一只猫'),
    pair('prompt', '../dog', 'a dog', '一条狗'),
    pair('question', 'q1', 'What colour is it?', '它是什么颜色？'),
    pair('question', 'q2', 'How many are there?', '有几个？'),
  ]
  await writeFile(at('pairs.jsonl'), `${pairs.join('\n')}\n`)
  const painted: string[] = []
  const fake = fakePainter()
  const painter: Painter = {
    ...fake,
    async generate(request) {
      await gate?.(request.prompt)
      request.signal?.throwIfAborted()
      painted.push(request.prompt)
      const result = await fake.generate(request)
      const shade = /cat|猫/.test(request.prompt) ? 20 : 200
      const candidates = result.candidates.map((one, i) => ({
        ...one,
        image: { ...one.image, data: new Uint8Array(one.image.data.length).fill(shade + i) },
      }))
      return { ...result, candidates }
    },
  }
  const answers: Record<string, string> = {
    'What colour is it?': 'It is red.',
    '它是什么颜色？': '红色。',
    'How many are there?': 'two',
    '有几个？': '三个',
  }
  const chat = fakeChat({ answer: question => [answers[question]!] })
  const host: BilingualHost = {
    look: async images =>
      images.map(({ data }) => ({ embedding: Float32Array.of(data[0]!, 9), features: Float32Array.of(1, data[0]!) })),
    layers: async () => {
      throw new Error('not asked for')
    },
    dispose: async () => {},
  }
  const services: Partial<Services> = {
    loadPainter: async () => painter,
    loadChat: async () => chat,
    hostBilingual: async () => host,
  }
  const argv = ['eval', 'bilingual', '--pairs', at('pairs.jsonl'), '--only', 'pictures,answers', '--steps', '3']
  return { painted, chat, services, argv, fake }
}

describe('a run', () => {
  it('goes on with what is there', async () => {
    const { painted, chat, services, argv } = await small()
    const options = ['--work', at('work'), '--json', at('card.json')]
    expect((await run([...argv, ...options], { services })).code).toBe(0)
    expect(painted).toEqual(['a cat', '一只猫', 'a dog', '一条狗'])
    expect(chat.asked).toHaveLength(4)
    const first = await readCard(at('card.json'))
    expect(first.pictures!.pixels.equivalence.value).toBe(1)
    expect(first.pictures!.psnr.languages).toBeNull()
    expect(first.answers).toMatchObject({ compared: 2, agreement: { value: 0.5 }, different: [{ id: 'q2' }] })
    expect((await run([...argv, ...options], { services })).code).toBe(0)
    expect([painted.length, chat.asked.length]).toEqual([4, 4])
    expect(await readCard(at('card.json'))).toEqual(first)
    expect((await readdir(at('work/pictures'))).length).toBe(8)
    // Nor does a smaller set ask again.
    expect((await run([...argv, ...options, '--limit', '2'], { services })).code).toBe(0)
    expect([painted.length, chat.asked.length]).toEqual([4, 4])
    // Other settings would mix what cannot be compared.
    const { code, stderr } = await run([...argv, ...options, '--seeds', '1,2'], { services })
    expect([code, stderr]).toEqual([2, expect.stringContaining('holds results of other settings: seeds was')])
  })

  it('keeps what was done before Ctrl-C', async () => {
    let open = false
    const waiting: string[] = []
    const { painted, services, argv, fake } = await small(async prompt => {
      if (open || prompt !== 'a dog') return
      waiting.push(prompt)
      await until(() => open, 'the gate')
    })
    const running = start([...argv, '--work', at('work'), '--json', at('card.json')], { services })
    await until(() => waiting.length > 0, 'the second prompt')
    running.interrupt()
    open = true
    expect(await running.exitCode).toBe(130)
    expect(painted).toEqual(['a cat', '一只猫'])
    expect(fake.log).toContain('dispose')
    expect(await readdir(folder)).not.toContain('card.json')
    expect((await run([...argv, '--work', at('work')], { services })).code).toBe(0)
    expect(painted).toEqual(['a cat', '一只猫', 'a dog', '一条狗'])
  })

  it('does not take a picture that was changed', async () => {
    const { services, argv } = await small()
    await run([...argv, '--work', at('work')], { services })
    const [name] = await readdir(at('work/pictures'))
    await writeFile(join(at('work/pictures'), name!), await readFile(files.picture))
    const { code, stderr } = await run([...argv, '--work', at('work')], { services })
    expect([code, stderr]).toEqual([1, expect.stringContaining('is not the picture that was painted')])
  })

  it('leaves out pairs of which a checker blocks a side', async () => {
    const { services, argv } = await small()
    const text = await readFile(at('pairs.jsonl'), 'utf8')
    const third = { type: 'prompt', id: 'harm', en: 'a nude woman', zh: '一个女人' }
    await writeFile(at('pairs.jsonl'), `${text}${JSON.stringify(third)}\n`)
    const { code, stdout } = await run([...argv, '--json', at('card.json')], { services })
    expect([code, stdout]).toEqual([0, expect.stringContaining('1 left out')])
    expect((await readCard(at('card.json'))).pictures).toMatchObject({ pairs: 2, withheld: ['harm'] })
  })

  it.each([
    [['--only', 'pictures,poems'], 2, '--only'],
    [['--seeds', '7'], 2, 'at least two seeds'],
    [['--seeds', '7,7'], 2, 'at least two seeds'],
    [['--only', 'layers'], 2, 'too few pairs for hidden states: at least 4'],
    [['--pairs', '/nowhere/pairs.jsonl'], 1, '/nowhere/pairs.jsonl: no such file'],
    [['--lexicon', files.config], 1, 'line 1'],
    [['--json', '/nowhere/card.json'], 1, '/nowhere'],
    [['--image-checker', '/nowhere/checker'], 1, '/nowhere/checker'],
  ])('%j: found before anything is loaded', async (more, exit, message) => {
    const { painted, chat, services, argv } = await small()
    const { code, stderr } = await run([...argv, ...(more as string[])], { services })
    expect([code, stderr]).toEqual([exit, expect.stringContaining(message as string)])
    expect([painted.length, chat.asked.length]).toEqual([0, 0])
  })
})
