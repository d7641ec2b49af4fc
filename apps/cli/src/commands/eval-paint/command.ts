import { join } from 'node:path'
import { InvalidArgumentError } from '@viscpm/core'
import type { EvalPrompt } from '@viscpm/eval'
import { listPictures, type PaintedSet, paintSet, saveMoments } from '@viscpm/eval/node'
import type { Context } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { UsageError } from '../../failures.js'
import { interruptible } from '../../interrupt.js'
import { stagesOf } from '../../safety/coverage.js'
import { safetySetup } from '../../safety/from-options.js'
import { colorsFor } from '../../terminal/colors.js'
import { oneLine } from '../../terminal/printable.js'
import { ProgressView } from '../../terminal/progress.js'
import { type Eyes, findReal, measureReal, openEyes, type Real } from './features.js'
import { groupsOf, judge, type PaintRow, type PictureGroup } from './figures.js'
import type { EvalPaintOptions } from './options.js'
import { promptsHash, readPrompts } from './prompts.js'
import { queueSource } from './queue.js'
import { localSource } from './source.js'
import { type PaintReport, reportLines } from './table.js'

/** `viscpm eval paint`. @returns the exit code */
export async function evalPaint(context: Context, given: EvalPaintOptions): Promise<number> {
  const { io, t } = context
  const options = withDefaults(given)
  if (options.real === undefined && options.painted === undefined && options.model !== 'tiny')
    throw new UsageError(t.eval.paint.realNeeded, t.eval.paint.realNeededHint)
  const progress = new ProgressView(io, t, options.quiet === true)
  try {
    return await interruptible(io, async signal => {
      const prompts =
        options.painted === undefined || options.prompts !== undefined ? await readPrompts(options) : undefined
      const eyes = await openEyes(options, signal)
      try {
        const real = await findReal(options, eyes)
        const groups =
          options.painted === undefined
            ? await paintAll(context, prompts!, options, progress, signal)
            : [await paintedElsewhere(options.painted, prompts)]
        if (groups === undefined) return exitCodes.ok
        show(context, await judgeAll(context, groups, eyes, real, options, progress, signal), options)
        return exitCodes.ok
      } finally {
        await eyes.dispose()
      }
    })
  } finally {
    progress.stop()
  }
}

/** The embedded painter is run as quickly as it goes, unless something is said of that. */
function withDefaults(options: EvalPaintOptions): EvalPaintOptions {
  const { model, steps, scheduler, preset } = options
  const said = [steps, scheduler, preset].some(value => value !== undefined)
  return model === 'tiny' && !said ? { ...options, preset: 'fast' } : options
}

/** Paints, or goes on with it. @returns undefined where other shards have pictures left to paint */
async function paintAll(
  context: Context,
  prompts: readonly EvalPrompt[],
  options: EvalPaintOptions,
  progress: ProgressView,
  signal: AbortSignal,
): Promise<PictureGroup[] | undefined> {
  const { io, t } = context
  const text = t.eval.paint
  const { output = 'eval-paint', seed = 0n, guidance, shard, queue } = options
  const source =
    queue === undefined
      ? await localSource(context, { ...options, setup: safetySetup(options, stagesOf.paint, t) }, progress, signal)
      : await queueSource(context, queue, options)
  try {
    const groups: PictureGroup[] = []
    let missing = 0
    for (const scale of guidance ?? [undefined]) {
      const folder = scale === undefined ? output : join(output, `guidance-${scale}`)
      progress.start(text.painting(oneLine(folder)), { phases: text.phases, counted: true })
      const set = await paintSet({
        ...{ folder, prompts, seed, signal, concurrency: source.concurrency },
        settings: { ...source.identity, ...settingsOf(options, scale), prompts: await promptsHash(prompts) },
        ...(shard && { shard }),
        paint: (prompt, own, stop) => source.paint(prompt, own, scale, stop),
        onProgress: progress.update,
      })
      progress.done(seconds => text.painted(set.painted, set.found, seconds))
      if (set.damaged > 0) io.stderr.write(`${text.damaged(set.damaged)}\n`)
      missing += set.missing
      groups.push(...groupsOf(folder, scale, set.records))
      if (shard) sayShard(context, options, set, folder)
    }
    return shard && missing > 0 ? undefined : groups
  } finally {
    await source.dispose()
  }
}

function sayShard({ io, t }: Context, { shard, json }: EvalPaintOptions, set: PaintedSet, folder: string): void {
  const { painted, found, missing } = set
  if (json && missing > 0) io.stdout.write(`${JSON.stringify({ folder, shard, painted, found, missing })}\n`)
  else if (missing > 0) io.stdout.write(`${oneLine(t.eval.paint.shardDone(shard!.part, shard!.of, missing))}\n`)
}

/** Of what is painted, whatever paints it. */
function settingsOf(options: EvalPaintOptions, guidance: number | undefined): Record<string, unknown> {
  const { steps, size, scheduler, karras, preset, deepCache, tokenMerging, negative, candidates = 1, safety } = options
  const all = {
    guidance,
    steps,
    size,
    scheduler,
    karras,
    preset,
    deepCache,
    tokenMerging,
    negative,
    candidates,
    safety,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

/** Pictures of a folder, by name; prompts belong to them in this order. */
async function paintedElsewhere(folder: string, prompts: readonly EvalPrompt[] | undefined): Promise<PictureGroup> {
  const files = await listPictures(folder)
  if (prompts && prompts.length !== files.length)
    throw new InvalidArgumentError({
      argument: folder,
      message: `${files.length} pictures for ${prompts.length} prompts`,
      hint: 'The first picture by name belongs to the first prompt; choose prompts with --language and --limit, or give none.',
    })
  const languages = [...new Set(prompts?.map(({ language }) => language))]
  return {
    guidance: undefined,
    language: languages.length === 1 ? languages[0] : undefined,
    files,
    prompts: prompts?.map(({ text }) => text) ?? [],
    withheld: 0,
  }
}

async function judgeAll(
  { t }: Context,
  groups: readonly PictureGroup[],
  eyes: Eyes,
  real: Real,
  options: EvalPaintOptions,
  progress: ProgressView,
  signal: AbortSignal,
): Promise<PaintReport> {
  progress.start(t.eval.paint.measuring, { phases: t.eval.paint.phases, counted: true })
  const task = { signal, onProgress: progress.update }
  const side = await measureReal(real, eyes, task)
  if (options.saveReal !== undefined) await saveMoments(options.saveReal, side.moments)
  const rows: PaintRow[] = []
  for (const group of groups) rows.push(await judge(group, eyes, side, options, task))
  progress.done(t.eval.paint.measured)
  const { extractor, inception } = eyes
  return {
    extractor: { name: extractor.name, dim: extractor.dim, inception },
    real: { where: real.where, pictures: side.moments.count },
    rows,
  }
}

function show({ io, t }: Context, report: PaintReport, { json }: EvalPaintOptions): void {
  if (json) {
    io.stdout.write(`${JSON.stringify(report, (_, value) => (Number.isNaN(value) ? null : value))}\n`)
    return
  }
  const { bold, dim } = colorsFor(io.stdout, io.env)
  const { table, notes } = reportLines(report, t.eval.paint)
  const [head, ...rest] = table
  io.stdout.write(`${[bold(head!), ...rest, ...notes.map(note => dim(note))].join('\n')}\n`)
}
