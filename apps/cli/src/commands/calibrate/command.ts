import type { QuantizedPainter, QuantizeUNetOptions } from '@viscpm/paint/node'
import { keptOfUNet } from '@viscpm/unet-sampler'
import type { Context, GlobalOptions } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { UsageError } from '../../failures.js'
import { interruptible } from '../../interrupt.js'
import type { Messages } from '../../messages/index.js'
import { type PainterModelOptions, painterOptions } from '../../options/painter-model.js'
import { formatBytes, formatSeconds } from '../../terminal/format.js'
import { oneLine } from '../../terminal/printable.js'
import { ProgressView } from '../../terminal/progress.js'

export interface CalibrateOptions extends GlobalOptions, Omit<PainterModelOptions, 'model' | 'ranker' | 'memory'> {
  readonly output: string
  readonly prompt?: readonly string[]
  readonly steps?: number
  readonly percentile?: number
  readonly keep?: readonly string[]
  readonly vaeDecoder?: boolean
  readonly json?: boolean
}

/** `viscpm calibrate MODEL -o FOLDER`. @returns the exit code */
export async function calibrate(context: Context, source: string, options: CalibrateOptions): Promise<number> {
  const { io, t, services } = context
  const request = calibrationRequest(source, options, t)
  const progress = new ProgressView(io, t, options.quiet === true)
  const begun = performance.now()
  const made = await interruptible(io, async signal => {
    progress.start(t.calibrate.calibrating, { phases: t.calibrate.phases })
    try {
      return await services.quantizeUNet({ ...request, signal, onProgress: progress.update })
    } finally {
      progress.stop()
    }
  })
  if (options.json) io.stdout.write(`${JSON.stringify({ folder: options.output, ...made })}\n`)
  else for (const line of summary(t, options.output, made, performance.now() - begun)) io.stdout.write(`${line}\n`)
  return exitCodes.ok
}

function calibrationRequest(source: string, options: CalibrateOptions, t: Messages): QuantizeUNetOptions {
  const { output, prompt, steps, percentile, keep, vaeDecoder } = options
  const patterns = keep?.map(text => patternOf(text, t))
  const { memory: _memory, ...places } = painterOptions({ ...options, model: source })
  return {
    ...places,
    source,
    output,
    ...(prompt && { prompts: prompt }),
    ...(steps !== undefined && { steps }),
    ...(percentile !== undefined && { method: 'percentile', percentile }),
    ...(patterns && { keep: [...keptOfUNet, ...patterns] }),
    ...(vaeDecoder && { vaeDecoder }),
  }
}

function patternOf(text: string, t: Messages): RegExp {
  try {
    return new RegExp(text)
  } catch (error) {
    throw new UsageError(t.calibrate.badPattern(text, (error as Error).message))
  }
}

function summary(
  t: Messages,
  folder: string,
  { unetLayers, vaeLayers, bytes }: QuantizedPainter,
  ms: number,
): string[] {
  const name = oneLine(folder)
  return [
    t.calibrate.done(name, unetLayers, formatBytes(bytes), formatSeconds(ms)),
    ...(vaeLayers > 0 ? [t.calibrate.vaeDone(vaeLayers)] : []),
    `${t.calibrate.tryIt} ${name}`,
  ]
}
