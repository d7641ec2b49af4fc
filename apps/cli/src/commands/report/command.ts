import type { Context, GlobalOptions } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { interruptible } from '../../interrupt.js'
import { oneLine } from '../../terminal/printable.js'
import { ProgressView } from '../../terminal/progress.js'
import type { ReportCard } from './card.js'
import { reportLines } from './text.js'

export interface ReportCommandOptions extends GlobalOptions {
  readonly output?: string
  readonly source?: string
  readonly quick?: boolean
  readonly questions?: number
  readonly paintings?: number
  readonly vocab?: string
  readonly config?: string
  readonly threads?: number
  readonly json?: boolean
}

/** `viscpm report [FOLDER...]`. @returns the exit code */
export async function report(
  context: Context,
  folders: readonly string[],
  options: ReportCommandOptions,
): Promise<number> {
  const { io, t, lang, services } = context
  const { output, source, quick = false, questions, paintings, vocab, config, threads } = options
  const { openAtomicSink } = await import('@viscpm/core/node')
  // Before the work, so that a place that cannot be written to is told at once.
  const sink = output === undefined ? undefined : await openAtomicSink(output)
  const progress = new ProgressView(io, t, options.quiet === true)
  progress.start(t.report.measuring(oneLine(folders.join(', ') || source || 'tiny')), { phases: t.report.phases })
  try {
    const card: ReportCard = await interruptible(io, signal =>
      services.measureReport(
        {
          ...{ folders, quick },
          ...(source !== undefined && { source }),
          ...(questions !== undefined && { questions }),
          ...(paintings !== undefined && { paintings }),
          ...(vocab !== undefined && { vocabulary: vocab }),
          ...(config !== undefined && { config }),
          ...(threads !== undefined && { threads }),
        },
        { signal, onProgress: progress.update },
      ),
    )
    progress.done(t.report.measured)
    if (sink) {
      const { reportPage } = await import('./page.js')
      await sink.write(new TextEncoder().encode(reportPage(card, t.report, lang)))
      await sink.commit()
    }
    if (options.json) io.stdout.write(`${JSON.stringify(card)}\n`)
    else for (const line of reportLines(context, card)) io.stdout.write(`${line}\n`)
    if (output !== undefined && !options.json) io.stdout.write(`${oneLine(t.report.written(output))}\n`)
    return exitCodes.ok
  } finally {
    progress.stop()
    await sink?.abort()
  }
}
