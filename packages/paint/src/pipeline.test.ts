import { type Image, type ImageChecker, type Tensor, tensor, type Verdict } from '@viscpm/core'
import { TorchGenerator } from '@viscpm/core/random'
import type { Reranker } from '@viscpm/reranker'
import { type Action, Policy, Safety, type StageRule, upstreamSafety } from '@viscpm/safety'
import { DDIMScheduler, type DenoisingStep, PNDMScheduler } from '@viscpm/unet-sampler'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failure, load, recorded } from './fixtures/painter.js'
import { type Candidate, type GenerateOptions, type PaintResult, replay, type VisCPMPaint } from './index.js'

const quick = { prompt: 'a cat', steps: 2, seed: 1 } satisfies GenerateOptions
const pixels = ({ candidates }: PaintResult) => candidates.map(({ image }) => image.data)

function drawn(width = 64, height = 64): Image {
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7) % 256) }
}

/** Likes the picture most whose place in the list is named. */
function ranker(best: number): Reranker & { asked: Image[][] } {
  const asked: Image[][] = []
  const score = async (_: string, images: readonly Image[]) => {
    asked.push([...images])
    return images.map((_, i) => (i === best ? 9 : i))
  }
  return {
    name: 'test',
    languages: ['zh'],
    asked,
    score,
    best: async (prompt, images) => ({ index: best, scores: await score(prompt, images) }),
  }
}

/** Says of each picture what the list says, in turn. */
function imageChecker(...decisions: (Verdict['decision'] | 'throws')[]): ImageChecker {
  return {
    name: 'eye',
    async check() {
      const decision = decisions.shift() ?? 'allow'
      if (decision === 'throws') throw new Error('out of memory')
      return { decision, checker: 'eye' }
    },
  }
}

describe.skipIf(!recorded)('painting', () => {
  let painter: VisCPMPaint
  beforeAll(async () => {
    painter = await load()
  })
  afterAll(() => painter?.dispose())
  const paint = (options: Partial<GenerateOptions> = {}) => painter.generate({ ...quick, ...options })

  it('gives pictures of the size that the UNet knows, or of the one asked for', async () => {
    const { status, images, candidates, chosen, seed, ranking, safety, timings } = await paint()
    expect(images.map(({ width, height, data }) => [width, height, data.length])).toEqual([[64, 64, 64 * 64 * 3]])
    expect([status, chosen, candidates.length, seed]).toEqual(['painted', [0], 1, 1])
    expect(ranking).toEqual({ by: 'none', languages: [] })
    expect(safety).toMatchObject({
      policy: 'strict',
      negativePrompt: 'none',
      image: 'none',
      painted: 'none',
      flagged: [],
    })
    expect(safety.prompt).toMatchObject({ decision: 'allow', checker: 'word-list' })
    expect(safety.coverage).toMatchObject({ prompt: ['word-list'], 'painted-picture': 'none' })
    expect(candidates[0]).toMatchObject({ verdict: 'none', action: 'allow', withheld: false, picture: 0, replaced: [] })
    expect(timings.total).toBeGreaterThanOrEqual(timings.denoise + timings.decode)
    const wide = await paint({ width: 96, height: 32 })
    expect(wide.images.map(({ width, height }) => [width, height])).toEqual([[96, 32]])
    expect(new Set(images[0]!.data).size).toBeGreaterThan(20)
  })

  it('repeats itself with a seed, and not without', async () => {
    const [one, again, other] = [await paint(), await paint(), await paint({ seed: 2 })]
    expect(pixels(again)).toEqual(pixels(one))
    expect(pixels(other)).not.toEqual(pixels(one))
    const free = await painter.generate({ prompt: 'a cat', steps: 2 })
    expect(pixels(await paint({ seed: free.seed }))).toEqual(pixels(free))
    expect(pixels(await paint({ negativePrompt: 'a dog' }))).not.toEqual(pixels(one))
    expect(pixels(await paint({ seed: 2n ** 32n + 1n }))).toEqual(pixels(one))
  })

  it('takes seeds, generators and latents', async () => {
    const several = await paint({ count: 2, seed: [5, 6] })
    expect(pixels(await paint({ seed: [6] }))[0]).toEqual(pixels(several)[1])
    const generators = [5, 6].map(seed => new TorchGenerator(seed))
    const same = await paint({ count: 2, seed: undefined, generators })
    expect([pixels(same), same.seed]).toEqual([pixels(several), undefined])
    const latents = new TorchGenerator(3).randn([1, 4, 8, 8])
    const scheduler = new DDIMScheduler() // adds no noise at its steps
    const given = await paint({ latents, scheduler, seed: 1 })
    expect(pixels(given)).toEqual(pixels(await paint({ scheduler, seed: 3 })))
  })

  it('paints in several batches as in one', async () => {
    const whole = await paint({ count: 3, batchSize: 3 })
    const parts = await paint({ count: 3, batchSize: 1 })
    for (const [i, bytes] of pixels(parts).entries())
      expect(Math.max(...bytes.map((b, j) => Math.abs(b - pixels(whole)[i]![j]!)))).toBeLessThanOrEqual(2)
  })

  it('keeps calls apart that overlap, with stateful schedulers too', async () => {
    const scheduler = new PNDMScheduler()
    const asked = [1, 2, 3].map(seed => ({ seed, steps: 4, scheduler }))
    const together = await Promise.all(asked.map(paint))
    for (const [i, options] of asked.entries()) expect(pixels(together[i]!)).toEqual(pixels(await paint(options)))
  })

  it('reports each step, with a preview', async () => {
    const steps: DenoisingStep[] = []
    const progress: string[] = []
    await paint({ steps: 3, onStep: s => steps.push(s), onProgress: ({ phase }) => progress.push(phase) })
    expect(steps.map(({ step, steps, timestep }) => [step, steps, timestep])).toEqual([
      [1, 3, 666],
      [2, 3, 333],
      [3, 3, 0],
    ])
    expect(steps[0]!.preview()).toMatchObject([{ width: 8, height: 8 }])
    expect([...new Set(progress)]).toEqual(['text', 'denoise', 'decode'])
  })

  it('stops at any step, and stays usable', async () => {
    const before = await paint()
    for (const stop of [1, 2, 5]) {
      const controller = new AbortController()
      const seen: number[] = []
      const onStep = ({ step }: DenoisingStep) => {
        seen.push(step)
        if (step === stop) controller.abort(new Error('enough'))
      }
      const failed = await failure(paint({ steps: 10, onStep, signal: controller.signal }))
      expect([failed.message, seen.at(-1)]).toEqual(['enough', stop])
    }
    expect(await failure(paint({ signal: AbortSignal.abort(new Error('no')) }))).toMatchObject({ message: 'no' })
    expect(pixels(await paint())).toEqual(pixels(before))
  })

  it('starts from a picture, and paints only where a mask is white', async () => {
    const image = drawn()
    const from = async (options: Partial<GenerateOptions>) => pixels(await paint({ steps: 10, image, ...options }))[0]!
    const distance = (a: Uint8Array, b: Uint8Array) => a.reduce((sum, v, i) => sum + Math.abs(v - b[i]!), 0) / a.length
    const [little, much] = [await from({ strength: 0.1 }), await from({ strength: 1 })]
    expect(distance(little, much)).toBeGreaterThan(5)
    const none = await from({ strength: 0.1, seed: 2 })
    expect(distance(little, none)).toBeLessThan(distance(little, much))
    const mask = { ...image, data: image.data.map((_, i) => (Math.floor(i / 3) % 64 < 32 ? 255 : 0)) }
    const left = await from({ strength: 1, mask })
    expect(distance(left, much)).toBeGreaterThan(1)
    // A picture of any size that the VAE can halve three times.
    const wide = await painter.generate({ ...quick, image: drawn(96, 40), strength: 0.5 })
    expect(wide.images[0]).toMatchObject({ width: 96, height: 40 })
    // With a list of seeds each picture has its own draw of the posterior.
    const two = await paint({ steps: 4, image, count: 2, seed: [8, 9] })
    expect(pixels(await paint({ steps: 4, image, seed: [9] }))[0]).toEqual(pixels(two)[1])
  })

  it.each<[string, Partial<GenerateOptions>, string]>([
    ['a size that does not fit', { width: 60 }, 'width'],
    ['no size', { height: 0 }, 'height'],
    ['too large a size', { width: 800_000, height: 800_000 }, 'width'],
    ['no step', { steps: 0 }, 'steps'],
    ['more steps than training had', { steps: 1001 }, 'steps'],
    ['half a step', { steps: 2.5 }, 'steps'],
    ['half a picture', { count: 0.5 }, 'count'],
    ['no candidate', { candidates: 0 }, 'candidates'],
    ['too many pictures', { count: 100, candidates: 100 }, 'count * candidates'],
    ['no guidance', { guidanceScale: Number.NaN }, 'guidanceScale'],
    ['a mask alone', { mask: drawn() }, 'mask'],
    ['a strength alone', { strength: 0.5 }, 'strength'],
    ['no strength', { image: drawn(), strength: 0 }, 'strength'],
    ['a picture of another size', { image: drawn(), width: 96 }, 'image'],
    ['a picture that the VAE cannot take', { image: drawn(60, 64) }, 'width'],
    ['a broken picture', { image: { ...drawn(), width: 32 } }, 'image'],
    ['a mask of another size', { image: drawn(), mask: drawn(96, 64) }, 'mask'],
    ['a mask without white', { image: drawn(), mask: { ...drawn(), data: new Uint8Array(64 * 64 * 3) } }, 'mask'],
    ['seeds of another number', { seed: [1, 2] }, 'seed'],
    ['a seed and generators', { generators: new TorchGenerator(1) }, 'generators'],
    ['a seed that is no whole number', { seed: 1.5 }, 'seed'],
    ['a prompt that is no text', { prompt: undefined as never }, 'prompt'],
    ['an unknown syntax', { syntax: 'html' as never }, 'syntax'],
    ['an unknown option', { colour: 'red' } as never, 'colour'],
    ['a scheduler by name', { scheduler: 'ddim' as never }, 'scheduler'],
  ])('refuses %s before anything runs', async (_, options, argument) => {
    let ran = false
    const failed = await failure(
      paint({
        onProgress: () => {
          ran = true
        },
        ...options,
      }),
    )
    expect(failed).toMatchObject({ code: 'INVALID_ARGUMENT', argument })
    expect(ran).toBe(false)
  })

  it('refuses latents of another shape, and texts that are too long', async () => {
    const latents: Tensor = tensor('float32', new Float32Array(16), [1, 4, 2, 2])
    expect(await failure(paint({ latents }))).toMatchObject({ code: 'WRONG_SHAPE', key: 'latents' })
    for (const text of ['prompt', 'negativePrompt'])
      expect(await failure(paint({ [text]: '猫'.repeat(10_000) }))).toMatchObject({
        code: 'CONTEXT_TOO_LONG',
        limit: 1024,
        message: expect.stringMatching(`^${text}: `),
      })
    expect(await failure(paint({ prompt: 'a < b', syntax: 'raw' }))).toMatchObject({ code: 'TOKENIZER' })
    expect((await paint({ prompt: '' })).images).toHaveLength(1)
  })
})

describe.skipIf(!recorded)('choosing', () => {
  const withParts = async (
    options: Parameters<typeof load>[0],
    request: Partial<GenerateOptions>,
  ): Promise<PaintResult> => {
    const painter = await load(options)
    try {
      return await painter.generate({ ...quick, ...request })
    } finally {
      await painter.dispose()
    }
  }
  const of = <K extends keyof Candidate>({ candidates }: PaintResult, key: K) => candidates.map(c => c[key])

  it('paints four and takes the best of each group', async () => {
    const reranker = ranker(2)
    const result = await withParts({ reranker }, { count: 2 })
    expect(result.chosen).toEqual([2, 6])
    expect(of(result, 'score')).toEqual([0, 1, 9, 3, 0, 1, 9, 3])
    expect(of(result, 'picture')).toEqual([0, 0, 0, 0, 1, 1, 1, 1])
    expect(result.images).toEqual([2, 6].map(i => result.candidates[i]!.image))
    expect(reranker.asked.map(images => images.length)).toEqual([4, 4])
    expect(result.ranking.by).toBe('test')
    expect(result.ranking.note).toMatch(/Chinese only.*English/)
    expect((await withParts({ reranker }, { prompt: '猫', candidates: 1 })).ranking).not.toHaveProperty('note')
  })

  const rule = (action: Action) => ({ block: action, unknown: action })
  const safetyWith = (checker: ImageChecker, painted: StageRule, ranksFlagged = false) =>
    new Safety({
      policy: new Policy({ name: 'test', stages: { 'painted-picture': painted }, ranksFlagged }),
      image: [checker],
    })

  it('never takes what the checker does not allow before what it allows, and shows it black', async () => {
    const reranker = ranker(0)
    const decisions = ['block', 'allow', 'unknown', 'allow', 'allow', 'throws', 'block', 'block'] as const
    const safety = safetyWith(imageChecker(...decisions), rule('blacken'))
    const result = await withParts({ reranker, safety }, { count: 2 })
    expect(result.chosen).toEqual([1, 4])
    expect(of(result, 'withheld')).toEqual([true, false, true, false, false, true, true, true])
    expect(of(result, 'score')).toEqual([undefined, 9, undefined, 1, 9, undefined, undefined, undefined])
    for (const { image, withheld } of result.candidates) expect(image.data.some(b => b > 0)).toBe(!withheld)
    expect(result.candidates[5]!.verdict).toMatchObject({
      decision: 'unknown',
      reason: expect.stringContaining('memory'),
    })
    expect(result.safety.painted).toBe('eye')
  })

  it('gives a black picture where nothing is allowed, or the picture tagged or blurred where the policy says so', async () => {
    const paintedWith = async (action: Action) =>
      (await withParts({ safety: safetyWith(imageChecker('block'), rule(action)) }, {})).candidates[0]!
    const colours = ({ image }: Candidate) => new Set(image.data).size
    const [black, tagged, blurred, blocked] = [
      await paintedWith('blacken'),
      await paintedWith('tag'),
      await paintedWith('blur'),
      await paintedWith('block'),
    ]
    expect([colours(black), black.withheld, black.action]).toEqual([1, true, 'blacken'])
    expect([colours(blocked), blocked.withheld, blocked.action]).toEqual([1, true, 'block'])
    expect([colours(tagged) > 20, tagged.withheld, tagged.action]).toEqual([true, false, 'tag'])
    expect([blurred.withheld, blurred.action]).toEqual([false, 'blur'])
    expect(blurred.image.data).not.toEqual(tagged.image.data)
  })

  it('replaces what is found harmful before it is ranked, from noise that can be replayed', async () => {
    const reranker = ranker(3)
    const checker = imageChecker('allow', 'block', 'unknown', 'allow', 'block', 'allow')
    const painter = await load({ reranker, imageChecker: checker })
    const result = await painter.generate({ ...quick, seed: 5 })
    // The second was blocked, and so was its first replacement; what nobody can tell is not replaced.
    expect(of(result, 'action')).toEqual(['allow', 'allow', 'block', 'allow'])
    expect(of(result, 'replaced').map(list => list.length)).toEqual([0, 2, 0, 0])
    const replaced = result.candidates[1]!
    expect(replaced.replaced).toMatchObject([{ verdict: { decision: 'block' } }, { verdict: { decision: 'block' } }])
    expect(replaced.replaced[0]).not.toHaveProperty('seed')
    expect(replaced.replaced[1]!.seed).toMatch(/^\d+$/)
    expect(replaced.metadata).toMatchObject({
      count: 1,
      candidates: 1,
      candidate: 0,
      replaces: { candidate: 1, try: 2 },
    })
    expect(reranker.asked).toEqual([[0, 1, 3].map(i => result.candidates[i]!.image)])
    const plan = await replay(replaced.metadata, painter)
    expect(plan).toMatchObject({ differences: [], candidate: 0 })
    expect(pixels(await painter.generate(plan.options))[0]).toEqual(replaced.image.data)
    const again = await load({ reranker, imageChecker: imageChecker('allow', 'block', 'unknown', 'allow', 'block') })
    expect(pixels(await again.generate({ ...quick, seed: 5 }))).toEqual(pixels(result))
    await Promise.all([painter.dispose(), again.dispose()])
  })

  it('paints no more replacements than the policy allows, and then withholds', async () => {
    let asked = 0
    const always: ImageChecker = { name: 'no', check: async () => ({ decision: 'block', checker: `no ${++asked}` }) }
    const policy = new Policy({ name: 'three', replacements: 3 })
    const safety = new Safety({ policy, image: [always] })
    const result = await withParts(
      { safety, memory: 'low' },
      { count: 2, generators: new TorchGenerator(1), seed: undefined },
    )
    expect(asked).toBe(2 + 2 * 3)
    expect(of(result, 'replaced').map(list => list.length)).toEqual([3, 3])
    expect(of(result, 'withheld')).toEqual([true, true])
    for (const { data } of result.images) expect(data.every(b => b === 0)).toBe(true)
  })

  it('ranks black pictures with the others as the original does, where its policy is asked for', async () => {
    const reranker = ranker(1)
    const safety = upstreamSafety({ image: [imageChecker('allow', 'block', 'allow', 'allow')] })
    const result = await withParts({ reranker, safety }, { negativePrompt: 'porn' })
    expect(result.chosen).toEqual([1])
    expect(of(result, 'score')).toEqual([0, 9, 2, 3])
    expect(result.images[0]!.data.every(b => b === 0)).toBe(true)
    expect(of(result, 'withheld')).toEqual([false, true, false, false])
    expect(result.safety).toMatchObject({ policy: 'upstream', negativePrompt: 'none' })
    expect((await withParts({ safety }, { prompt: '色情' })).status).toBe('blocked')
  })

  it.each(['prompt', 'negativePrompt', 'image'] as const)('paints nothing when the %s is blocked', async what => {
    const progress: string[] = []
    const result = await withParts(
      {
        promptChecker: {
          name: 'words',
          check: async text => ({
            decision: text.includes('gun') ? 'block' : 'allow',
            checker: 'words',
            category: 'arms',
          }),
        },
        imageChecker: imageChecker(what === 'image' ? 'block' : 'allow'),
      },
      {
        ...(what === 'image' ? { image: drawn() } : { [what]: 'a gun' }),
        onProgress: ({ phase }) => progress.push(phase),
      },
    )
    expect(result).toMatchObject({ status: 'blocked', images: [], candidates: [], chosen: [] })
    expect(result.safety[what]).toMatchObject({ decision: 'block' })
    expect(progress).toEqual([])
  })
})

describe.skipIf(!recorded)('memory', () => {
  it('loads each network for its turn only, and paints the same', async () => {
    const [normal, low] = [await load(), await load({ memory: 'low' })]
    const request = { ...quick, image: drawn(), steps: 3 }
    const expected = pixels(await normal.generate(request))
    const two = await Promise.all([low.generate(request), low.generate(request)])
    expect(two.map(pixels)).toEqual([expected, expected])
    const signal = AbortSignal.timeout(1)
    const waiting = [low.generate(request), failure(low.generate({ ...request, signal }))]
    expect((await Promise.all(waiting))[1]).toMatchObject({ name: 'TimeoutError' })
    expect(pixels(await low.generate(request))).toEqual(expected)
    await Promise.all([normal.dispose(), low.dispose()])
  })

  it('stays flat over many pictures', async () => {
    const painter = await load()
    const used = () => process.memoryUsage().rss / 2 ** 20
    for (let i = 0; i < 20; i++) await painter.generate({ ...quick, seed: i })
    const before = used()
    for (let i = 0; i < 60; i++) await painter.generate({ ...quick, seed: i, prompt: `a cat ${i}` })
    // Growth of a megabyte a picture, that of one forgotten batch of states, would be 60.
    expect(used() - before).toBeLessThan(40)
    await painter.dispose()
    expect(await failure(painter.generate(quick))).toMatchObject({ code: 'DISPOSED' })
    await painter.dispose()
  })
})
