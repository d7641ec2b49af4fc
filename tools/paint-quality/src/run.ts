import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Image } from '@viscpm/core'
import { sharpCodec, writeFileAtomic } from '@viscpm/core/node'
import { quantizeUNet, VisCPMPaint } from '@viscpm/paint/node'
import { featureDistance, type LayerFeatures, PictureFeatures } from '@viscpm/reranker/node'
import { DDPMScheduler, DPMSolverMultistepScheduler, type SchedulerConfig } from '@viscpm/unet-sampler'
import { work } from './cost.js'
import { Judge, type Verdict } from './judge.js'
import type { QualityOptions } from './options.js'
import { isPair, type Prompt, readPrompts } from './prompts.js'
import type { Report, SettingReport } from './report.js'
import { reference, type Setting, sameSolver, settings } from './settings.js'
import { mean, wilson } from './statistics.js'

const folder = fileURLToPath(new URL('../../../packages/tiny/paint/', import.meta.url))
const firstSeed = 1000
/** Of a prompt: so that its seeds are the same however many are painted. */
const maxPictures = 100

export interface Painted {
  readonly setting: Setting
  /** For each prompt, one for each seed. */
  readonly pictures: readonly (readonly Image[])[]
}

/** Paints every prompt in every setting, and compares. @returns the figures, and the pictures of each setting */
export async function runQuality(
  options: QualityOptions,
  log: (text: string) => void,
): Promise<{ report: Report; prompts: readonly Prompt[]; painted: readonly Painted[] }> {
  const prompts = (await readPrompts()).filter((_, i) => i % options.every < 2) // a scene is there in both languages
  const chosen = settings.filter(({ name }) => [reference, sameSolver].includes(name) || options.wants(name))
  const painters = new Painters(options.threads)
  const painter = await painters.of({})
  const tower = await PictureFeatures.load(join(folder, 'chinese-clip'), { threads: options.threads })
  const judge =
    options.work === undefined ? undefined : await Judge.start(options.python, options.work, options.threads)
  const own = options.keep === undefined ? await mkdtemp(join(tmpdir(), 'paint-quality-')) : undefined
  const scratch = own ?? join(options.keep!, painter.modelHash.slice(0, 16), `every-${options.every}`)
  try {
    const trained = JSON.parse(
      await readFile(join(folder, 'scheduler/scheduler_config.json'), 'utf8'),
    ) as SchedulerConfig
    const painted: Painted[] = []
    const features = new Map<string, LayerFeatures[]>()
    const verdicts = new Map<string, Verdict[]>()
    const rows: SettingReport[] = []
    for (const setting of chosen) {
      const place = join(scratch, folderOf(setting))
      const { pictures, ...time } = await paintAll(painters, prompts, setting, options.pictures, trained, place)
      painted.push({ setting, pictures })
      const seen: LayerFeatures[] = []
      for (const image of pictures.flat()) seen.push(await tower.of(image))
      features.set(setting.name, seen)
      if (judge) verdicts.set(setting.name, await judged(judge, prompts, options.pictures, place))
      const cost = work(setting)
      rows.push({
        name: setting.name,
        steps: setting.steps,
        pictures: prompts.length * options.pictures,
        ...(cost !== undefined && { work: cost }),
        distance: { reference: Number.NaN, sameSolver: Number.NaN },
        ...(judge && figures(prompts, verdicts.get(setting.name)!, verdicts.get(reference)!)),
        ...time,
      })
      log(
        `${setting.name}${time.secondsPerPicture ? `: ${time.secondsPerPicture.toFixed(2)} s a picture` : ': was there'}`,
      )
    }
    const between = (name: string, other: string) =>
      mean(features.get(name)!.map((f, i) => featureDistance(f, features.get(other)![i]!, tower.width))).value
    const full = rows.map(row => ({
      ...row,
      distance: { reference: between(row.name, reference), sameSolver: between(row.name, sameSolver) },
    }))
    const facts = { model: painter.modelHash, prompts: prompts.length, picturesPerPrompt: options.pictures }
    return { report: { date: new Date().toISOString().slice(0, 10), ...facts, settings: full }, prompts, painted }
  } finally {
    judge?.end()
    await Promise.all([painters.dispose(), tower.dispose(), own && rm(own, { recursive: true })])
  }
}

/** The embedded painter, and what is made of it; each when it is first needed. */
class Painters {
  private readonly made = new Map<string, Promise<VisCPMPaint>>()
  private scratch: string | undefined

  constructor(private readonly threads: number) {}

  of({ int8 }: Pick<Setting, 'int8'>): Promise<VisCPMPaint> {
    const name = int8?.name ?? ''
    const found = this.made.get(name) ?? this.make(int8)
    this.made.set(name, found)
    return found
  }

  private async make(int8: Setting['int8']): Promise<VisCPMPaint> {
    const load = (where: string) => VisCPMPaint.load(where, { ranker: false, threads: this.threads })
    if (!int8) return load(folder)
    this.scratch ??= await mkdtemp(join(tmpdir(), 'paint-quality-int8-'))
    const { name, ...how } = int8
    const output = join(this.scratch, name.replaceAll(' ', '-'))
    await quantizeUNet({ source: folder, output, ranker: false, threads: this.threads, ...how })
    return load(output)
  }

  async dispose(): Promise<void> {
    for (const painter of this.made.values()) await (await painter).dispose()
    if (this.scratch !== undefined) await rm(this.scratch, { recursive: true })
  }
}

/** Other settings under the same name have another folder. */
const folderOf = (setting: Setting): string => JSON.stringify(setting).replaceAll(/[^\w.+]+/g, '-')

/** Pictures of a setting in `folder`: those that lie there, and what is missing painted. */
async function paintAll(
  painters: Painters,
  prompts: readonly Prompt[],
  setting: Setting,
  count: number,
  trained: SchedulerConfig,
  folder: string,
): Promise<Painting> {
  const { scheduler, steps, saver, otherSeeds = 0 } = setting
  await mkdir(folder, { recursive: true })
  const pictures: Image[][] = []
  let [ms, painted] = [0, 0]
  for (const [i, { prompt }] of prompts.entries()) {
    const files = Array.from({ length: count }, (_, k) => pictureFile(folder, i, k))
    const there = await Promise.all(files.map(file => readFile(file).catch(() => undefined)))
    if (there.every(bytes => bytes !== undefined)) {
      pictures.push(await Promise.all(there.map(bytes => sharpCodec().decode(bytes!))))
      continue
    }
    const painter = await painters.of(setting)
    const begin = performance.now()
    const { candidates } = await painter.generate({
      prompt,
      count,
      candidates: 1,
      seed: Array.from({ length: count }, (_, k) => firstSeed + otherSeeds + i * maxPictures + k),
      steps,
      scheduler:
        scheduler === 'ddpm'
          ? DDPMScheduler.fromConfig(trained, DDPMScheduler.diffusers015)
          : DPMSolverMultistepScheduler.fromConfig(trained),
      ...saver,
    })
    ms += performance.now() - begin
    painted += count
    for (const [k, { image }] of candidates.entries())
      await writeFileAtomic(files[k]!, await sharpCodec().encode(image, 'png'))
    pictures.push(candidates.map(({ image }) => image))
  }
  return { pictures, ...(painted > 0 && { secondsPerPicture: ms / 1000 / painted }) }
}

interface Painting {
  readonly pictures: readonly (readonly Image[])[]
  /** Absent where all of them were there. */
  readonly secondsPerPicture?: number
}

const pictureFile = (folder: string, prompt: number, picture: number) => join(folder, `${prompt}-${picture}.png`)

/** One verdict for each picture, in their order. */
async function judged(judge: Judge, prompts: readonly Prompt[], count: number, folder: string): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  for (const [i, prompt] of prompts.entries())
    for (let k = 0; k < count; k++) verdicts.push(await judge.see(pictureFile(folder, i, k), prompt))
  return verdicts
}

function figures(
  prompts: readonly Prompt[],
  found: readonly Verdict[],
  ofReference: readonly Verdict[],
): Pick<SettingReport, 'top5' | 'right'> {
  const each = found.length / prompts.length
  const promptOf = (i: number) => prompts[Math.floor(i / each)]!
  const rate = (part: readonly Verdict[], what: keyof Verdict) => wilson(part.filter(v => v[what]).length, part.length)
  const ofPrompt = (all: readonly Verdict[], p: number) =>
    all.slice(p * each, (p + 1) * each).filter(v => v.top5).length / each
  return {
    top5: {
      single: rate(
        found.filter((_, i) => !isPair(promptOf(i))),
        'top5',
      ),
      pairs: rate(
        found.filter((_, i) => isPair(promptOf(i))),
        'top5',
      ),
      all: rate(found, 'top5'),
      difference: mean(prompts.map((_, p) => ofPrompt(found, p) - ofPrompt(ofReference, p))),
    },
    right: rate(found, 'all'),
  }
}
