import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeServer, fakeServer } from '../../fixtures/fake-server.js'
import { paintedPng } from '../../fixtures/png.js'
import type { EngineProgress, PaintReply, PaintRequest } from '../types.js'
import { serverEngine } from './index.js'
import type { Fit } from './paint.js'

let server: FakeServer
beforeEach(async () => {
  server = await fakeServer()
})
afterEach(() => server.close())

/** Sizes that pictures were brought to. */
let fitted: { readonly width: number; readonly height: number }[]
beforeEach(() => {
  fitted = []
})

function paint(more: Partial<PaintRequest> = {}): Promise<PaintReply> {
  const fit: Fit = async (_, { width, height }) => {
    fitted.push({ width, height })
    return new Blob([new Uint8Array(paintedPng(2, 8))], { type: 'image/png' })
  }
  const engine = serverEngine({ key: () => undefined, base: server.url, fit })
  return engine.paint({ prompt: 'a cat', negativePrompt: '', signal: new AbortController().signal, ...more })
}

const bytesOf = async (blob: Blob): Promise<Buffer> => Buffer.from(await blob.arrayBuffer())

describe('painting over HTTP', () => {
  it('names models with what they can do', async () => {
    const engine = serverEngine({ key: () => undefined, base: server.url })
    expect(await engine.models()).toEqual([
      { id: 'tiny', kind: 'chat', languages: ['zh', 'en'] },
      {
        id: 'tiny',
        kind: 'paint',
        size: 64,
        steps: 20,
        guidanceScale: 4,
        schedulers: ['DDPMScheduler', 'DPMSolverMultistepScheduler'],
      },
    ])
  })

  it('gives all candidates with scores, and the settings as used', async () => {
    const reply = await paint({ seed: '18446744073709551615', candidates: 3, steps: 2 })
    expect(reply.status).toBe('painted')
    expect(reply.candidates.map(c => [c.chosen, c.score, c.withheld])).toEqual([
      [false, 28.75, false],
      [true, 30, false],
      [false, 28.75, false],
    ])
    expect(reply.settings).toMatchObject({ seed: '18446744073709551615', steps: 2, width: 64, guidanceScale: 7.5 })
    const seed = Number(18446744073709551615n % 1000n)
    expect(await bytesOf(reply.candidates[1]!.picture)).toEqual(paintedPng(seed + 13, 64))
  })

  it('sends what was chosen, and nothing else', async () => {
    const image = new Blob([new Uint8Array(paintedPng(2, 8))], { type: 'image/png' })
    await paint({ negativePrompt: 'dogs', guidanceScale: 4, width: 64, height: 48, image, mask: image, strength: 0.5 })
    const { body } = server.asked.find(a => a.path === '/v1/jobs')!
    expect(body).toMatchObject({
      kind: 'paint',
      negative_prompt: 'dogs',
      guidance_scale: 4,
      size: '64x48',
      strength: 0.5,
    })
    expect(body.image).toBe(body.mask)
    expect(body).not.toHaveProperty('steps')
    expect(body).not.toHaveProperty('scheduler')
  })

  it('brings the picture to start from, and its mask, to the size that is painted', async () => {
    const image = new Blob(['a photo'], { type: 'image/jpeg' })
    await paint({ image, mask: image })
    await paint({ image, width: 80, height: 48 })
    await paint({ width: 80, height: 48 })
    expect(fitted).toEqual([
      { width: 64, height: 64 },
      { width: 64, height: 64 },
      { width: 80, height: 48 },
    ])
    const sent = `data:image/png;base64,${paintedPng(2, 8).toString('base64')}`
    expect(server.asked.filter(a => a.path === '/v1/jobs').map(({ body }) => [body.image, body.mask])).toEqual([
      [sent, sent],
      [sent, undefined],
      [undefined, undefined],
    ])
  })

  it('tells progress and previews in order', async () => {
    const steps: number[] = []
    const phases: string[] = []
    const shown: Blob[] = []
    await paint({
      steps: 3,
      candidates: 2,
      onProgress: ({ phase }) => phases.push(phase),
      onPreview: (images, step, all) => {
        expect(all).toBe(3)
        steps.push(step)
        shown.push(...images)
      },
    })
    expect(steps).toEqual([1, 2, 3])
    expect(shown).toHaveLength(6)
    expect(phases.slice(0, 2)).toEqual(['started', 'text'])
    expect(phases.at(-1)).toBe('denoise')
  })

  it('tells how many are before it', async () => {
    server.jobs.queued = 2
    const told: EngineProgress[] = []
    await paint({ steps: 1, onProgress: progress => told.push(progress) })
    expect(told[0]).toEqual({ phase: 'queued', done: 2 })
    expect(told.some(({ phase }) => phase === 'started')).toBe(true)
  })

  it('cancels the job when the signal says so', async () => {
    server.will.pace = 50
    const controller = new AbortController()
    const reason = new Error('enough')
    const painting = paint({ steps: 100, signal: controller.signal, onPreview: () => controller.abort(reason) })
    await expect(painting).rejects.toBe(reason)
    // The request that cancels is under way.
    await expect.poll(() => server.jobs.list[0]!.status, { timeout: 30_000 }).toBe('cancelled')
  })

  it('cancels a job that it lost sight of', async () => {
    server.will.breakAfter = 1
    await expect(paint({ steps: 3 })).rejects.toMatchObject({ code: 'broken' })
    await expect.poll(() => server.jobs.list[0]!.status, { timeout: 30_000 }).toBe('cancelled')
  })

  it('says why nothing was painted', async () => {
    await expect(paint({ prompt: 'badword' })).rejects.toMatchObject({
      code: 'blocked',
      safety: [{ stage: 'prompt', decision: 'block', category: 'sexual' }],
    })
    await expect(paint({ prompt: 'crash' })).rejects.toMatchObject({ code: 'failed', message: 'The model crashed.' })
  })

  it('marks what was withheld', async () => {
    const { candidates } = await paint({ prompt: 'flagged', candidates: 2 })
    expect(candidates.map(c => c.withheld)).toEqual([false, true])
    expect(candidates[1]!.safety).toEqual([
      { stage: 'painted', decision: 'block', category: 'violence', checker: 'safety-checker' },
    ])
  })
})
