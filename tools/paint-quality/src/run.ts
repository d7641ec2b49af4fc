import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Image } from '@viscpm/core'
import { sharpCodec } from '@viscpm/core/node'
import { VisCPMPaint } from '@viscpm/paint/node'
import { DDPMScheduler, DPMSolverMultistepScheduler, type SchedulerConfig } from '@viscpm/unet-sampler'
import { work } from './cost.js'
import { distance, type Features, PictureFeatures } from './features.js'
import { Judge, type Verdict } from './judge.js'
import type { QualityOptions } from './options.js'
import { isPair, type Prompt, readPrompts } from './prompts.js'
import type { Report, SettingReport } from './report.js'
import { reference, type Setting, sameSolver, settings } from './settings.js'
import { mean, wilson } from './statistics.js'

const folder = fileURLToPath(new URL('../../../packages/tiny/paint/', import.meta.url))
const firstSeed = 1000

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
  const painter = await VisCPMPaint.load(folder, { ranker: false, threads: options.threads })
  const tower = await PictureFeatures.load(join(folder, 'chinese-clip'), options.threads)
  const judge =
    options.work === undefined ? undefined : await Judge.start(options.python, options.work, options.threads)
  const scratch = await mkdtemp(join(tmpdir(), 'paint-quality-'))
  try {
    const trained = JSON.parse(
      await readFile(join(folder, 'scheduler/scheduler_config.json'), 'utf8'),
    ) as SchedulerConfig
    const painted: Painted[] = []
    const features = new Map<string, Features[]>()
    const verdicts = new Map<string, Verdict[]>()
    const rows: SettingReport[] = []
    for (const setting of chosen) {
      const begin = performance.now()
      const pictures = await paintAll(painter, prompts, setting, options.pictures, trained)
      const count = prompts.length * options.pictures
      const secondsPerPicture = (performance.now() - begin) / 1000 / count
      painted.push({ setting, pictures })
      const seen: Features[] = []
      for (const image of pictures.flat()) seen.push(await tower.of(image))
      features.set(setting.name, seen)
      if (judge) verdicts.set(setting.name, await judged(judge, prompts, pictures, join(scratch, String(rows.length))))
      const cost = work(setting)
      rows.push({
        name: setting.name,
        steps: setting.steps,
        pictures: count,
        ...(cost !== undefined && { work: cost }),
        distance: { reference: Number.NaN, sameSolver: Number.NaN },
        ...(judge && figures(prompts, verdicts.get(setting.name)!, verdicts.get(reference)!)),
        secondsPerPicture,
      })
      log(`${setting.name}: ${secondsPerPicture.toFixed(2)} s a picture`)
    }
    const between = (name: string, other: string) =>
      mean(features.get(name)!.map((f, i) => distance(f, features.get(other)![i]!, tower.width))).value
    const full = rows.map(row => ({
      ...row,
      distance: { reference: between(row.name, reference), sameSolver: between(row.name, sameSolver) },
    }))
    const facts = { model: painter.modelHash, prompts: prompts.length, picturesPerPrompt: options.pictures }
    return { report: { date: new Date().toISOString().slice(0, 10), ...facts, settings: full }, prompts, painted }
  } finally {
    judge?.end()
    await Promise.all([painter.dispose(), tower.dispose(), rm(scratch, { recursive: true, force: true })])
  }
}

async function paintAll(
  painter: VisCPMPaint,
  prompts: readonly Prompt[],
  { scheduler, steps, saver, otherSeeds = 0 }: Setting,
  count: number,
  trained: SchedulerConfig,
): Promise<Image[][]> {
  const all: Image[][] = []
  for (const [i, { prompt }] of prompts.entries()) {
    const seed = Array.from({ length: count }, (_, k) => firstSeed + otherSeeds + i * count + k)
    const { candidates } = await painter.generate({
      prompt,
      count,
      candidates: 1,
      seed,
      steps,
      scheduler:
        scheduler === 'ddpm'
          ? DDPMScheduler.fromConfig(trained, DDPMScheduler.diffusers015)
          : DPMSolverMultistepScheduler.fromConfig(trained),
      ...saver,
    })
    all.push(candidates.map(({ image }) => image))
  }
  return all
}

/** One verdict for each picture, in their order. */
async function judged(
  judge: Judge,
  prompts: readonly Prompt[],
  pictures: readonly (readonly Image[])[],
  scratch: string,
): Promise<Verdict[]> {
  await mkdir(scratch)
  const verdicts: Verdict[] = []
  for (const [i, prompt] of prompts.entries())
    for (const [k, image] of pictures[i]!.entries()) {
      const file = join(scratch, `${i}-${k}.png`)
      await writeFile(file, await sharpCodec().encode(image, 'png'))
      verdicts.push(await judge.see(file, prompt))
    }
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
