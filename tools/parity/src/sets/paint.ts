import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Image, type ImageChecker, isVisCPMError, type PromptChecker, type Verdict } from '@viscpm/core'
import { openCheckpoint, sharpCodec } from '@viscpm/core/node'
import { packPrompts } from '@viscpm/cpm-bee'
import type { PaintResult } from '@viscpm/paint'
import { VisCPMPaint } from '@viscpm/paint/node'
import { type Reranker, rank } from '@viscpm/reranker'
import { loadChineseCLIP } from '@viscpm/reranker/node'
import { upstreamSafety } from '@viscpm/safety'
import type { CpmBeeTokenizer } from '@viscpm/tokenizer'
import type { SetResult } from '../result.js'
import { Tally } from '../tally.js'
import { compareLatents, tolerance } from './paint-latents.js'
import { loadParts, type PaintCase, readJson, schedulerOf, sizeOf } from './paint-model.js'
import { maxDifference, relativeError } from './tensors.js'

/** Of the final bytes: how far one may be off, and how many. */
const byteTolerance = { difference: 2, share: 0.01 }
/** The reranker's own for equal pictures; where a byte in a hundred may differ by 2, scores move a little more. */
const scoreTolerance = { equal: 5e-3, painted: 5e-2 }

type Errors = Record<string, readonly [error: number, limit: number]>

/**
 * Plays what the original's safety checkers said, in the order of the pictures. The recorded verdicts stand in for the
 * checkers themselves: this set is about what the pipeline does with them.
 */
class RecordedCheckers implements ImageChecker, PromptChecker {
  readonly name = 'recorded'
  private verdicts: readonly boolean[] = []
  private asked = 0
  private promptRefused = false

  expect(c: PaintCase): void {
    this.verdicts = c.nsfw ?? []
    this.asked = 0
    this.promptRefused = c.returns_none === true
  }

  async check(what: Image | string): Promise<Verdict> {
    const blocked = typeof what === 'string' ? this.promptRefused : this.verdicts[this.asked++]
    if (blocked === undefined) throw new Error('more pictures than were recorded')
    return { decision: blocked ? 'block' : 'allow', checker: this.name }
  }
}

async function byteErrors(
  folder: string,
  ours: readonly (Image | undefined)[],
  files: readonly string[],
): Promise<Errors> {
  let [largest, differing, all] = [ours.length === files.length ? 0 : Number.POSITIVE_INFINITY, 0, 0]
  for (const [i, file] of files.entries()) {
    const theirs = await sharpCodec().decode(await readFile(join(folder, file)))
    const bytes = ours[i]?.data ?? new Uint8Array(0)
    largest = Math.max(largest, maxDifference(bytes, theirs.data))
    differing += theirs.data.filter((byte, j) => byte !== bytes[j]).length
    all += theirs.data.length
  }
  return {
    'largest difference of a byte': [largest, byteTolerance.difference],
    'share of bytes that differ': [differing / Math.max(all, 1), byteTolerance.share],
  }
}

/** What upstream chooses, which lets black pictures take part; and that ours does under its policy. */
async function rankErrors(
  folder: string,
  c: PaintCase,
  { candidates, chosen }: PaintResult,
  reranker: Reranker,
): Promise<{ errors: Errors; upstream: number[] }> {
  const errors: Errors = {}
  const upstream: number[] = []
  for (const [picture, recorded] of c.rank!.entries()) {
    const group = candidates.slice(4 * picture, 4 * picture + 4)
    const scores = await reranker.score(
      c.prompt,
      group.map(candidate => candidate.image),
    )
    const { index } = rank(scores)
    upstream.push(4 * picture + index)
    const theirs: Image[] = []
    for (const file of c.candidates!.slice(4 * picture, 4 * picture + 4))
      theirs.push(await sharpCodec().decode(await readFile(join(folder, file))))
    const scoresOfTheirs = await reranker.score(c.prompt, theirs)
    errors[`scores of picture ${picture}`] = [maxDifference(scores, recorded.scores), scoreTolerance.painted]
    errors[`scores of recorded picture ${picture}`] = [
      maxDifference(scoresOfTheirs, recorded.scores),
      scoreTolerance.equal,
    ]
    errors[`chosen for picture ${picture}`] = [index === recorded.chosen ? 0 : 1, 0]
    errors[`chosen by the pipeline for picture ${picture}`] = [
      chosen[picture] === 4 * picture + recorded.chosen ? 0 : 1,
      0,
    ]
  }
  return { errors, upstream }
}

interface Painters {
  readonly plain: VisCPMPaint
  readonly half: VisCPMPaint
  readonly checked: VisCPMPaint
}

/** One case through the whole pipeline: pictures, flags, choice. */
async function comparePictures(
  tally: Tally,
  folder: string,
  c: PaintCase,
  painters: Painters,
  checkers: RecordedCheckers,
  reranker: Reranker,
  scheduler: Parameters<typeof schedulerOf>[1],
): Promise<void> {
  checkers.expect(c)
  const painter = c.checkers ? painters.checked : c.checkpoint?.includes('half') ? painters.half : painters.plain
  const recorded = c.returns_none ? undefined : await openCheckpoint(join(folder, `${c.name}.safetensors`))
  let last: Parameters<NonNullable<Parameters<VisCPMPaint['generate']>[0]['onStep']>>[0] | undefined
  const result = await painter.generate({
    prompt: c.prompt,
    negativePrompt: c.negative_prompt,
    syntax: 'raw',
    seed: c.seed,
    steps: c.steps,
    guidanceScale: c.guidance_scale,
    count: c.num_images,
    ...sizeOf(c),
    ...(c.scheduler && { scheduler: schedulerOf(c, scheduler) }),
    ...(c.latents_seed !== undefined && { latents: await recorded!.read('initial_latents') }),
    onStep: step => {
      last = step
    },
  })
  if (!recorded) {
    const nothing = result.status === 'blocked' && result.images.length === 0 && last === undefined
    return tally.check(c.name, nothing ? undefined : 'a refused prompt was painted')
  }
  const { candidates } = result
  const ranked = c.rank ? await rankErrors(folder, c, result, reranker) : undefined
  const pictures = ranked?.upstream.map(i => candidates[i]?.image) ?? result.images
  tally.add(c.name, {
    'final latents': [await relativeError(last?.latents, recorded, 'final_latents'), tolerance.latents],
    ...ranked?.errors,
    ...(await byteErrors(folder, pictures, c.images ?? [])),
    ...prefixed(
      'candidates: ',
      c.candidates &&
        (await byteErrors(
          folder,
          candidates.map(x => x.image),
          c.candidates,
        )),
    ),
    ...(c.nsfw && {
      flags: [
        maxDifference(
          candidates.map(x => +x.withheld),
          c.nsfw.map(Number),
        ),
        0,
      ] as const,
    }),
  })
  await recorded.close()
}

const prefixed = (prefix: string, errors: Errors | undefined): Errors =>
  Object.fromEntries(Object.entries(errors ?? {}).map(([name, error]) => [prefix + name, error]))

interface EdgeCase {
  readonly prompt: string
  readonly ok: boolean
  readonly input_ids?: readonly number[]
  readonly input_id_subs?: readonly number[]
  readonly ext_table_ids?: readonly number[]
  readonly ext_table_sub?: readonly number[]
}

/** Prompts in raw syntax: the same ids, or a refusal where the original raises. */
async function compareEdgeCases(folder: string, tokenizer: CpmBeeTokenizer): Promise<SetResult> {
  const tally = new Tally('paint/prompts', 0)
  for (const c of await readJson<EdgeCase[]>(folder, 'prompt_edge_cases.json')) {
    const id = JSON.stringify(c.prompt)
    try {
      const { batch } = packPrompts(tokenizer, { prompt: c.prompt }, { syntax: 'raw' })
      if (!c.ok) tally.check(id, 'was taken, the original raises')
      const length = batch.length[0]!
      if (c.ok)
        tally.add(id, {
          ids: [maxDifference(batch.inputIds.subarray(0, length), c.input_ids!), 0],
          subs: [maxDifference(batch.inputIdSubs.subarray(0, length), c.input_id_subs!), 0],
          'ext ids': [maxDifference(batch.extTableIds, c.ext_table_ids!), 0],
          'ext subs': [maxDifference(batch.extTableSub, c.ext_table_sub!), 0],
        })
    } catch (error) {
      const refused = isVisCPMError(error, 'TOKENIZER')
      tally.check(id, refused && !c.ok ? undefined : `fails: ${String(error)}`)
    }
  }
  return tally.result()
}

/** Painting from both checkpoints: part by part to the final latents, and through the whole pipeline to pictures. */
export async function runPaint(goldens: string): Promise<SetResult[]> {
  const folder = join(goldens, 'paint')
  const { cases } = await readJson<{ cases: readonly PaintCase[] }>(folder, 'index.json')
  const scheduler = await readJson<Record<string, unknown>>(folder, 'scheduler/scheduler_config.json')

  const latents = new Tally('paint/latents', tolerance.latents)
  const files = ['viscpm_paint_tiny.pt', 'viscpm_paint_tiny_half.pt']
  const [full, half] = [await loadParts(folder, files[0]!), await loadParts(folder, files[1]!)]
  for (const c of cases) {
    if (!c.timesteps) continue
    const recorded = await openCheckpoint(join(folder, `${c.name}.safetensors`))
    await compareLatents(
      latents,
      c.name,
      c.checkpoint === files[1] ? half : full,
      c,
      schedulerOf(c, scheduler),
      recorded,
    )
    await recorded.close()
  }
  const prompts = await compareEdgeCases(folder, full.tokenizer)
  for (const parts of [full, half]) await parts.dispose()

  const pictures = new Tally('paint/pictures (recorded verdicts)', byteTolerance.difference)
  const checkers = new RecordedCheckers()
  const reranker = await loadChineseCLIP(join(goldens, 'reranker/model'))
  const places = {
    vocabulary: join(folder, 'tokenizer/vocabs/bee.txt'),
    config: join(folder, 'config/cpm-bee-tiny.json'),
    vae: join(goldens, 'vae/model_old_keys'),
  }
  const painters = {
    plain: await VisCPMPaint.load(join(folder, files[0]!), places),
    half: await VisCPMPaint.load(join(folder, files[1]!), places),
    checked: await VisCPMPaint.load(join(folder, files[0]!), {
      ...places,
      reranker,
      safety: upstreamSafety({ image: [checkers], prompt: [checkers] }),
    }),
  }
  for (const c of cases) await comparePictures(pictures, folder, c, painters, checkers, reranker, scheduler)
  for (const painter of Object.values(painters)) await painter.dispose()
  await reranker.dispose()
  return [prompts, latents.result(), pictures.result()]
}
