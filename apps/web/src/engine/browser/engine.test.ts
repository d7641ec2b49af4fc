import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { loadImage, VisCPMChat } from '@viscpm/chat/node'
import { sharpCodec } from '@viscpm/core/node'
import { readMetadata } from '@viscpm/paint'
import { VisCPMPaint } from '@viscpm/paint/node'
import { DPMSolverMultistepScheduler, type SchedulerConfig } from '@viscpm/unet-sampler'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../../fixtures/chromium.js'
import { Opened } from './fixtures/opened.js'
import { Site } from './fixtures/site.js'

const chromium = findChromium()
const tiny = (path: string) => fileURLToPath(new URL(`../../../../../packages/tiny/${path}`, import.meta.url))
const pictures = ['apple', 'bus-and-tree', 'cat-above-fish', 'dog', 'guitar', 'house', 'three-things', 'two-balloons']
const questions = ['这是什么？', 'Describe the picture.']
const decodings = ['greedy', 'beam'] as const

describe.skipIf(!chromium)('the embedded model in a browser', { timeout: 240_000 }, () => {
  const opened = new Opened()
  beforeAll(() => opened.open(() => Site.start(), chromium!), 240_000)
  afterAll(() => opened.close())

  it('says what it is, and what it runs on', async () => {
    const told = await opened.page.evaluate(async () => {
      const engine = window.tools.browserEngine()
      const found = { models: await engine.models(), runtime: await engine.runtime(), place: engine.place }
      await engine.dispose()
      return found
    })
    expect(told.place).toBe('browser')
    expect(told.models).toMatchObject([
      { id: 'tiny', kind: 'chat', languages: ['zh', 'en'] },
      { id: 'tiny', kind: 'paint', size: 64, languages: ['zh', 'en'] },
    ])
    expect(told.models[1]!.schedulers).toContain('DPMSolverMultistepScheduler')
    // Headless, there is no graphics card.
    expect(told.runtime).toMatchObject({ device: 'cpu', note: expect.stringMatching(/WebGPU/) })
    expect(told.runtime.threads).toBeGreaterThan(0)
  })

  it('answers as in Node, piece by piece', async () => {
    const asked = pictures.flatMap(picture =>
      questions.flatMap(question => decodings.map(decoding => ({ picture, question, decoding }))),
    )
    const inBrowser = await opened.page.evaluate(async asked => {
      const { browserEngine, blobOf } = window.tools
      const engine = browserEngine()
      const phases = new Set<string>()
      const found = []
      for (const { picture, ...rest } of asked) {
        const pieces: string[] = []
        const { text, finishReason, usage, safety } = await engine.chat({
          ...rest,
          picture: await blobOf(`/models/tiny/pictures/${picture}.png`),
          turns: [],
          signal: new AbortController().signal,
          onText: piece => pieces.push(piece),
          onProgress: ({ phase }) => phases.add(phase),
        })
        found.push({ text, pieces, finishReason, usage, safety })
      }
      await engine.dispose()
      return { found, phases: [...phases] }
    }, asked)
    expect(inBrowser.phases).toEqual(expect.arrayContaining(['download', 'weights', 'vision', 'decode']))
    const chat = await VisCPMChat.load('tiny')
    for (const [i, { picture, question, decoding }] of asked.entries()) {
      const image = await loadImage(tiny(`pictures/${picture}.png`))
      const answering = chat.answer(image, { turns: [], question, syntax: 'text' }, { decoding })
      const pieces: string[] = []
      let next = await answering.next()
      for (; !next.done; next = await answering.next()) pieces.push(next.value)
      const { text, finishReason, usage } = next.value
      const { promptTokens, completionTokens } = usage
      const { safety, ...answer } = inBrowser.found[i]!
      expect(answer, `${picture} ${question} ${decoding}`).toEqual({
        text,
        pieces,
        finishReason,
        usage: { promptTokens, completionTokens },
      })
      expect(safety.map(({ stage }) => stage)).toEqual(['text', 'answer'])
    }
    await chat.dispose()
  })

  it('knows the turns before, and refuses what the word list blocks', async () => {
    const replies = await opened.page.evaluate(async () => {
      const { browserEngine, blobOf } = window.tools
      const engine = browserEngine()
      const picture = await blobOf('/models/tiny/pictures/dog.png')
      const ask = (question: string, turns: { question: string; answer: string }[] = []) => {
        const quiet = { onText: () => {}, signal: new AbortController().signal }
        return engine.chat({ picture, turns, question, decoding: 'greedy', ...quiet })
      }
      const first = await ask('What is this?')
      const second = await ask('And its colour?', [{ question: 'What is this?', answer: first.text }])
      const blocked = await ask('how to build a bomb')
      const painted = await engine.paint({
        prompt: 'how to build a bomb',
        negativePrompt: '',
        signal: new AbortController().signal,
      })
      await engine.dispose()
      return { first, second, blocked, painted }
    })
    expect(replies.second.usage.promptTokens).toBeGreaterThan(replies.first.usage.promptTokens)
    expect(replies.blocked).toMatchObject({ text: '', finishReason: 'blocked' })
    expect(replies.blocked.safety).toMatchObject([{ stage: 'text', decision: 'block', checker: 'word-list' }])
    expect(replies.painted).toMatchObject({ status: 'blocked', candidates: [] })
    expect(replies.painted.safety).toMatchObject([{ stage: 'prompt', decision: 'block' }])
  })

  it('paints as in Node, chooses the same one, and shows how it goes', async () => {
    const settings = { prompt: '一只红色的猫', negativePrompt: '', seed: '42', steps: 20 }
    const painted = await opened.page.evaluate(async settings => {
      const { browserEngine, base64 } = window.tools
      const engine = browserEngine()
      const previews: { step: number; steps: number; count: number; type: string }[] = []
      const phases = new Set<string>()
      let frames = 0
      let counting = true
      const count = () => {
        frames++
        if (counting) requestAnimationFrame(count)
      }
      requestAnimationFrame(count)
      const reply = await engine.paint({
        ...settings,
        scheduler: 'DPMSolverMultistepScheduler',
        candidates: 3,
        signal: new AbortController().signal,
        onProgress: ({ phase }) => phases.add(phase),
        onPreview: (images, step, steps) => previews.push({ step, steps, count: images.length, type: images[0]!.type }),
      })
      counting = false
      await engine.dispose()
      const files = await Promise.all(reply.candidates.map(({ picture }) => base64(picture)))
      return { ...reply, previews, phases: [...phases], files, frames }
    }, settings)
    expect(painted.phases).toEqual(expect.arrayContaining(['weights', 'denoise', 'decode']))
    expect(painted.previews.at(-1)).toEqual({ step: 20, steps: 20, count: 3, type: 'image/png' })
    // The page draws while its worker computes.
    expect(painted.frames).toBeGreaterThan(20)

    const painter = await VisCPMPaint.load('tiny')
    const trained = JSON.parse(await readFile(tiny('paint/scheduler/scheduler_config.json'), 'utf8')) as SchedulerConfig
    const scheduler = DPMSolverMultistepScheduler.fromConfig(trained)
    const expected = await painter.generate({ ...settings, seed: 42, scheduler, candidates: 3 })
    await painter.dispose()
    expect(painted.candidates.map(({ chosen }) => chosen)).toEqual([0, 1, 2].map(i => expected.chosen.includes(i)))
    let most = 0
    for (const [i, file] of painted.files.entries()) {
      const bytes = Buffer.from(file, 'base64')
      const { image, score, metadata } = expected.candidates[i]!
      const ours = await sharpCodec().decode(bytes)
      expect([ours.width, ours.height]).toEqual([image.width, image.height])
      most = Math.max(most, ...ours.data.map((level, k) => Math.abs(level - image.data[k]!)))
      expect(painted.candidates[i]!.score).toBeCloseTo(score!, 1)
      const { software, ...told } = await readMetadata(bytes)
      const { software: _node, ...same } = metadata
      expect(told).toEqual(same)
      expect(software.backend).toBe('onnxruntime-web')
    }
    console.info(`painted in the browser and in Node: at most ${most} of 255 apart`)
    expect(most).toBeLessThanOrEqual(2)
    expect(painted.settings).toEqual({
      ...settings,
      scheduler: 'DPMSolverMultistepScheduler',
      guidanceScale: 4,
      width: 64,
      height: 64,
      candidates: 3,
    })
  })

  it('starts from a picture of any size', async () => {
    const painted = await opened.page.evaluate(async () => {
      const { browserEngine, blobOf, base64 } = window.tools
      const engine = browserEngine()
      const reply = await engine.paint({
        prompt: 'a dog',
        negativePrompt: 'cat',
        image: await blobOf('/images/text-300x180.png'),
        strength: 0.5,
        steps: 6,
        candidates: 1,
        signal: new AbortController().signal,
      })
      await engine.dispose()
      return { ...reply, file: await base64(reply.candidates[0]!.picture) }
    })
    expect(painted.settings).toMatchObject({ strength: 0.5, width: 64, height: 64, steps: 6 })
    expect(painted.settings.seed).toMatch(/^\d+$/)
    expect(painted.settings).not.toHaveProperty('image')
    const { width, height } = await sharpCodec().decode(Buffer.from(painted.file, 'base64'))
    expect([width, height]).toEqual([64, 64])
  })

  it('stops between two steps when it is called off, and goes on with the next', async () => {
    const told = await opened.page.evaluate(async () => {
      const { browserEngine, blobOf, told } = window.tools
      const engine = browserEngine()
      const picture = await blobOf('/models/tiny/pictures/three-things.png')
      const talk = (signal: AbortSignal, onText: (text: string) => void) =>
        engine.chat({ picture, turns: [], question: 'Describe the picture.', decoding: 'greedy', signal, onText })
      const never = new AbortController().signal
      const whole = await talk(never, () => {})
      const talking = new AbortController()
      let pieces = 0
      const cut = await talk(talking.signal, () => {
        pieces++
        talking.abort(new Error('enough said'))
      }).catch(told)
      const again = await talk(never, () => {})

      const painting = new AbortController()
      let last = 0
      const paint = (signal: AbortSignal, steps: number, onStep: (step: number) => void) => {
        const request = { prompt: 'a cat', negativePrompt: '', seed: '1', steps, candidates: 1, signal }
        return engine.paint({ ...request, onProgress: ({ phase, done }) => phase === 'denoise' && onStep(done) })
      }
      const unpainted = await paint(painting.signal, 400, step => {
        last = step
        if (step === 3) painting.abort(new Error('enough painted'))
      }).catch(told)
      const { status } = await paint(never, 2, () => {})
      const early = await talk(AbortSignal.abort(new Error('never begun')), () => {}).catch(told)
      await engine.dispose()
      const late = await talk(never, () => {}).catch(told)
      return { whole, cut, pieces, again, unpainted, last, status, early, late }
    })
    expect(told.cut).toMatchObject({ message: 'enough said' })
    expect(told.pieces).toBe(1)
    expect(told.again.text).toBe(told.whole.text)
    expect(told.unpainted).toMatchObject({ message: 'enough painted' })
    // The step under way when the message was sent, and what was under way when it arrived.
    expect(told.last).toBeLessThan(40)
    expect(told.status).toBe('painted')
    expect(told.early).toMatchObject({ message: 'never begun' })
    expect(told.late).toMatchObject({ code: 'DISPOSED' })
    // Browsers give a worker's threads two seconds to end by themselves.
    await expect.poll(() => opened.page.workers().map(worker => worker.url()), { timeout: 60_000 }).toEqual([])
  })
})
