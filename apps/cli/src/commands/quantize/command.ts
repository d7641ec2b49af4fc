import type { ConversionOptions, ConversionResult } from '@viscpm/core/node'
import type { FormatRule } from '@viscpm/core/quantize'
import type { Context, GlobalOptions } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { Interrupted, UsageError } from '../../failures.js'
import { interruptible } from '../../interrupt.js'
import { formatBytes, formatSeconds } from '../../terminal/format.js'
import { oneLine } from '../../terminal/printable.js'
import { ProgressView } from '../../terminal/progress.js'
import { sizes, summaries, summaryLines } from './summary.js'

export interface QuantizeCommandOptions extends GlobalOptions {
  readonly output: string
  readonly dtype: 'int4' | 'int8' | 'fp16'
  readonly block?: 128 | 64 | 32
  readonly rounding: 'nearest' | 'search'
  readonly embedding?: 'int4' | 'int8' | 'fp16'
  readonly vision?: 'int8' | 'fp16'
  readonly keep?: readonly string[]
  readonly format?: readonly string[]
  readonly workers?: number
  readonly force?: boolean
  readonly json?: boolean
}

/** `viscpm quantize SOURCE -o FOLDER`. @returns the exit code */
export async function quantize(context: Context, source: string, options: QuantizeCommandOptions): Promise<number> {
  const { io, t } = context
  const { quantizeCheckpoint } = await import('@viscpm/core/node')
  const given = conversionOptions(context, options)
  const progress = new ProgressView(io, t, options.quiet === true)
  const started = performance.now()
  let result: ConversionResult
  progress.start(t.quantize.converting(oneLine(source), options.dtype), { phases: t.quantize.phases })
  try {
    result = await interruptible(io, signal =>
      quantizeCheckpoint(source, options.output, { ...given, signal, onProgress: progress.update }),
    )
    progress.done(t.quantize.converted)
  } catch (error) {
    progress.stop()
    if (error instanceof Interrupted && !options.quiet) io.stderr.write(`${t.quantize.resumable}\n`)
    throw error
  } finally {
    progress.stop()
  }
  const milliseconds = performance.now() - started
  if (options.json) io.stdout.write(`${JSON.stringify(resultObject(result, milliseconds))}\n`)
  else for (const line of resultLines(context, result, milliseconds)) io.stdout.write(`${line}\n`)
  return exitCodes.ok
}

function conversionOptions({ t }: Context, options: QuantizeCommandOptions): ConversionOptions {
  const { dtype, block, rounding, embedding, vision, workers, force } = options
  const keep: FormatRule[] = (options.keep ?? []).map(pattern => ({ pattern, format: 'keep' }))
  const others = (options.format ?? []).map((text): FormatRule => {
    const [, pattern, format] = /^(.+)=(int4|int8|fp16|keep)$/.exec(text) ?? []
    if (pattern === undefined)
      throw new UsageError(t.parsing.invalidValue('--format', JSON.stringify(text)), t.quantize.formatForm)
    return { pattern, format: format as FormatRule['format'] }
  })
  return {
    ...{ dtype, rounding, formats: [...keep, ...others] },
    ...(block !== undefined && { blockSize: block }),
    ...(embedding !== undefined && { embedding }),
    ...(vision !== undefined && { vision }),
    ...(workers !== undefined && { workers }),
    ...(force !== undefined && { force }),
  }
}

function resultLines(context: Context, result: ConversionResult, milliseconds: number): string[] {
  const { t } = context
  const { manifest, folder, converted, resumed, existed } = result
  const { before, after } = sizes(manifest)
  const left = manifest.dropped
  const leftBytes = left.reduce((sum, { nbytes }) => sum + nbytes, 0)
  const rate = `${formatBytes(Math.round((converted / milliseconds) * 1000))}`
  return [
    ...summaryLines(context, manifest),
    ...(left.length > 0 ? [t.quantize.dropped(String(left.length), formatBytes(leftBytes))] : []),
    t.quantize.total(formatBytes(before), formatBytes(after), ((100 * after) / before).toFixed(1)),
    ...(resumed > 0 ? [t.quantize.resumed(formatBytes(resumed))] : []),
    ...(converted > 0 ? [t.quantize.speed(formatSeconds(milliseconds), rate)] : []),
    oneLine(existed ? t.quantize.existed(folder) : t.quantize.written(folder)),
  ]
}

/** The object of `--json`. */
function resultObject(result: ConversionResult, milliseconds: number): Record<string, unknown> {
  const { manifest, folder, converted, resumed, existed } = result
  return {
    ...{ folder, existed, kind: manifest.kind, options: manifest.options },
    ...sizes(manifest),
    groups: summaries(manifest),
    dropped: manifest.dropped,
    ...{ converted, resumed, milliseconds: Math.round(milliseconds), chain: manifest.chain },
  }
}
