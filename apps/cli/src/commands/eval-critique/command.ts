import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isVisCPMError } from '@viscpm/core'
import { sharpCodec } from '@viscpm/core/node'
import {
  type CandidateRecord,
  type Comparison,
  compareChoosers,
  critiqueWays,
  DrawingJudge,
  lineUps,
  SelfCritic,
} from '@viscpm/eval'
import {
  type CritiqueParts,
  type CritiquePrompt,
  parseCritiqueWorld,
  runCritique,
  runDifferentPrompts,
} from '@viscpm/eval/node'
import { offPolicy, Safety, type SafetySetup } from '@viscpm/safety'
import { DPMSolverMultistepScheduler } from '@viscpm/unet-sampler'
import type { Context } from '../../context.js'
import { embeddedPlace } from '../../embedded.js'
import { exitCodes } from '../../exit-codes.js'
import { UsageError } from '../../failures.js'
import { interruptible } from '../../interrupt.js'
import type { Messages } from '../../messages/index.js'
import { ProgressView } from '../../terminal/progress.js'
import { showLoading } from '../load-model.js'
import type { CritiqueOptions } from './options.js'
import { comparisonLines } from './table.js'

const against = 'clip'
/** The embedded prompts are known to be harmless, and what is measured is the choice. */
const unchecked: SafetySetup = { preset: 'off' }

/** `viscpm eval critique`: on the embedded model. @returns the exit code */
export async function critique(context: Context, options: CritiqueOptions): Promise<number> {
  const { io, t } = context
  const progress = new ProgressView(io, t, options.quiet === true)
  const { among } = options
  const output = options.output ?? (among === 'same-prompt' ? 'critique' : 'critique-different-prompts')
  const records = await interruptible(io, signal => measured(context, { ...options, output }, progress, signal))
  const figures = Object.fromEntries(
    (['en', 'zh', 'both'] as const).map(language => [
      language,
      compareChoosers(
        records.filter(record => language === 'both' || record.language === language),
        against,
      ),
    ]),
  ) as Record<'en' | 'zh' | 'both', Comparison>
  const file = join(output, 'critique.jsonl')
  if (options.json) {
    const { seed, candidates, steps } = options
    const judge = among === 'same-prompt' ? 'drawings' : 'prompts'
    io.stdout.write(`${JSON.stringify({ among, seed, candidates, steps, judge, figures, records: file })}\n`)
    return exitCodes.ok
  }
  for (const language of ['en', 'zh', 'both'] as const)
    io.stdout.write(`${comparisonLines(t, language, figures[language], among).join('\n')}\n\n`)
  io.stdout.write(`${t.eval.critique.notes[among]}\n${t.eval.critique.kept(file)}\n`)
  return exitCodes.ok
}

async function measured(
  context: Context,
  options: CritiqueOptions & { readonly output: string },
  progress: ProgressView,
  signal: AbortSignal,
): Promise<CandidateRecord[]> {
  const { output, among, candidates, seed, steps, threads: given } = options
  const { services, t } = context
  const data = await embeddedPlace('eval', 'judge')
  const worldFile = join(data, 'prompts.json')
  const world = parseCritiqueWorld(JSON.parse(await readFile(worldFile, 'utf8')), worldFile)
  const prompts = chosen(world.prompts, options, t)
  const sheet = await services.loadImage(join(data, 'drawings.png'), {})
  const judge = new DrawingJudge({ sheet, cell: world.cell, columns: world.columns, names: world.drawings })
  const threads = given === undefined ? {} : { threads: given }
  const opened: { dispose(): Promise<void> }[] = []
  const open = async <T extends { dispose(): Promise<void> }>(
    load: Parameters<typeof showLoading<T>>[4],
  ): Promise<T> => {
    const model = await showLoading(context, 'tiny', progress, signal, load)
    opened.push(model)
    return model
  }
  try {
    const safety = new Safety({ policy: offPolicy })
    const painter = await open(task =>
      services.loadPainter('tiny', { ranker: false, safety: unchecked, ...threads, ...task }),
    )
    const clip = await open(task => services.loadRanker('tiny', { ...threads, ...task }))
    const chat = await open(task => services.loadCritic('tiny', { safety, ...threads, ...task }))
    const parts: CritiqueParts = {
      judge,
      codec: sharpCodec(),
      choosers: { clip, ...Object.fromEntries(critiqueWays.map(way => [way, new SelfCritic({ chat, way })])) },
      paint: async (prompt, seeds, task) => {
        const scheduler = DPMSolverMultistepScheduler.fromConfig(painter.schedulerConfig ?? {})
        const request = { prompt, candidates: seeds.length, seed: seeds.map(BigInt), steps, scheduler }
        const { candidates: painted } = await painter.generate({ ...request, ...task })
        return painted.map(({ image }) => image)
      },
    }
    progress.start(t.eval.critique.running, { phases: t.eval.critique.phases })
    const run = among === 'same-prompt' ? runCritique : runDifferentPrompts
    return await run(parts, {
      folder: output,
      prompts,
      candidates,
      seed,
      settings: {
        painter: painter.modelHash,
        chat: (await services.identifyChat('tiny', {})).hash,
        ranker: clip.name,
        steps,
      },
      signal,
      onProgress: progress.update,
    })
  } finally {
    progress.stop()
    for (const model of opened) await model.dispose()
  }
}

/** The prompts that are asked for. @throws UsageError for a number or kind that there is not, or too few to stand side by side */
function chosen(
  prompts: readonly CritiquePrompt[],
  { among, scenes, kinds, candidates }: CritiqueOptions,
  t: Messages,
): CritiquePrompt[] {
  const refuse = (option: string, value: string, hint: string): never => {
    throw new UsageError(t.parsing.invalidValue(option, JSON.stringify(value)), hint)
  }
  const most = new Set(prompts.map(({ id }) => numberOf(id))).size
  if (scenes > most) refuse('--scenes', String(scenes), t.eval.critique.options.prompts)
  const known = [...new Set(prompts.map(({ kind }) => kind))]
  const wanted = kinds?.split(',').map(kind => kind.trim()) ?? known
  if (!wanted.every(kind => known.includes(kind))) refuse('--kinds', kinds!, t.parsing.allowed(known.join(', ')))
  const found = prompts.filter(({ id, kind }) => numberOf(id) < scenes && wanted.includes(kind))
  try {
    if (among === 'different-prompts') lineUps(found, candidates)
  } catch (error) {
    if (isVisCPMError(error, 'INVALID_ARGUMENT')) refuse('--candidates', String(candidates), t.eval.critique.tooFew)
    throw error
  }
  return found
}

/** Scenes of a kind are numbered from 0: so many of each are the first ones. */
const numberOf = (id: string): number => Number(id.slice(id.lastIndexOf('-') + 1))
