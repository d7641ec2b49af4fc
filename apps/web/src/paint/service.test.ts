import { beforeEach, describe, expect, it } from 'vitest'
import type { PaintReply } from '../engine/types.js'
import { busy, FakeEngine, FakeShelf, settle } from '../fixtures/fake-engine.js'
import type { GalleryPicture } from './gallery.js'
import { PaintService, type Run } from './service.js'

const picture = new Blob(['1'])
let engine: FakeEngine
let shelf: FakeShelf<GalleryPicture>
let paint: PaintService

beforeEach(async () => {
  engine = new FakeEngine()
  shelf = new FakeShelf<GalleryPicture>()
  paint = new PaintService(engine, shelf)
  await paint.load()
  paint.fill({ prompt: 'a cat' })
})

function painted(seed: string, more: Partial<PaintReply> = {}): PaintReply {
  const candidate = { picture, withheld: false, safety: [] }
  return {
    status: 'painted',
    candidates: [
      { ...candidate, chosen: false, score: 1 },
      { ...candidate, chosen: true, score: 2 },
      { ...candidate, chosen: false, withheld: true },
    ],
    settings: { prompt: 'a cat', negativePrompt: '', seed },
    safety: [],
    took: 10,
    ...more,
  }
}

const run = (): Run => paint.store.state.run!

describe('painting', () => {
  it('shows previews, then the chosen one, which goes to the gallery', async () => {
    void paint.paint()
    expect(run()).toMatchObject({ status: 'running', previews: [] })
    expect(paint.canPaint()).toBe(false)
    const { request, reply } = engine.paintings[0]!
    request.onProgress?.({ phase: 'denoise', done: 1, total: 2 })
    request.onPreview?.([picture], 1, 2)
    expect(run()).toMatchObject({ progress: { phase: 'denoise' }, previews: [picture], step: 1, steps: 2 })
    reply(painted(request.seed!))
    await settle()
    expect(run()).toMatchObject({ status: 'painted', shown: 1, previews: [] })
    const [kept] = paint.store.state.gallery
    expect(kept).toMatchObject({ candidate: 1, score: 2, settings: { seed: request.seed }, fromPicture: false })
    expect(run().kept).toEqual({ 1: kept!.id })
    expect([...shelf.kept.values()]).toEqual([kept])
  })

  it('shows the seed while it paints, and keeps it only when it is locked', async () => {
    void paint.paint()
    const first = engine.paintings[0]!.request.seed
    expect(paint.store.state.form.seed).toBe(first)
    engine.paintings[0]!.reply(painted(first!))
    await settle()
    paint.fill({ seed: '42', seedLocked: true })
    void paint.paint()
    expect(engine.paintings[1]!.request.seed).toBe('42')
  })

  it('needs a prompt and a seed that is one', () => {
    paint.fill({ seed: 'x', seedLocked: true })
    expect(paint.canPaint()).toBe(false)
    paint.fill({ seed: '1', prompt: ' ' })
    expect(paint.canPaint()).toBe(false)
  })

  it('starts from a picture, with a mask of that picture only', () => {
    paint.startFrom(picture)
    paint.mark(picture)
    void paint.paint()
    expect(engine.paintings[0]!.request).toMatchObject({ image: picture, mask: picture, strength: 0.8 })
    paint.startFrom(new Blob(['2']))
    expect(paint.store.state.mask).toBeUndefined()
  })

  it('is cancelled', async () => {
    void paint.paint()
    paint.cancel()
    await settle()
    expect(engine.paintings[0]!.request.signal.aborted).toBe(true)
    expect(run()).toMatchObject({ status: 'cancelled' })
    expect(paint.canPaint()).toBe(true)
  })

  it('tells what went wrong', async () => {
    void paint.paint()
    engine.paintings[0]!.fail(busy)
    await settle()
    expect(run()).toMatchObject({ status: 'failed', failure: { code: 'busy', retryAfter: 5 } })
    void paint.paint()
    expect(run().failure).toBeUndefined()
  })

  it('keeps nothing of what was blocked', async () => {
    void paint.paint()
    engine.paintings[0]!.reply(painted('1', { status: 'blocked', candidates: [] }))
    await settle()
    expect(run().status).toBe('blocked')
    expect(paint.store.state.gallery).toEqual([])
  })
})

describe('the gallery', () => {
  beforeEach(async () => {
    void paint.paint()
    engine.paintings[0]!.reply(painted('7'))
    await settle()
  })

  it('takes other candidates once, and never those that were withheld', () => {
    paint.keep(0)
    paint.keep(0)
    paint.keep(2)
    expect(paint.store.state.gallery.map(p => p.candidate).sort()).toEqual([0, 1])
  })

  it('gives its settings back to the form', () => {
    paint.fill({ prompt: 'something else', steps: 3 })
    paint.takeSettings(paint.store.state.gallery[0]!)
    expect(paint.store.state.form).toMatchObject({ prompt: 'a cat', seed: '7', seedLocked: true, steps: undefined })
  })

  it('gets a picture back when its removal is undone', () => {
    const [kept] = paint.store.state.gallery
    const undo = paint.remove(kept!.id)
    expect(paint.store.state.gallery).toEqual([])
    expect(shelf.kept.size).toBe(0)
    undo()
    expect(paint.store.state.gallery).toEqual([kept])
    expect(shelf.kept.size).toBe(1)
  })
})

it('shows in the gallery what another tab painted and removed', async () => {
  const about = { picture, settings: painted('1').settings, fromPicture: false, candidate: 0, at: 1 }
  const theirs = (id: string): GalleryPicture => ({ ...about, id })
  const ids = (): string[] => paint.store.state.gallery.map(p => p.id)
  shelf.elsewhere({ put: theirs('a') })
  shelf.elsewhere({ put: theirs('b') })
  shelf.elsewhere({ put: theirs('a') })
  expect(ids().sort()).toEqual(['a', 'b'])
  shelf.elsewhere({ removed: 'a' })
  expect(ids()).toEqual(['b'])
  shelf.elsewhere({ cleared: true })
  expect(ids()).toEqual([])
})
