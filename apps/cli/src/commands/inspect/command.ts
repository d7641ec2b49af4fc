import { FileFormatError } from '@viscpm/core'
import type { Context, GlobalOptions } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { printable } from '../../terminal/printable.js'
import { filesBeside } from './beside.js'
import { writeGraphs } from './graph.js'
import { fit, memoryNeed } from './memory.js'
import { type Inspection, inspectionLines, keyLines } from './render.js'

export interface InspectOptions extends GlobalOptions {
  readonly keys?: boolean
  readonly json?: boolean
  readonly graph?: string
  readonly config?: string
}

/** What can be run here, so that its memory and the files beside it matter. */
const runnable: ReadonlySet<string> = new Set(['viscpm-chat', 'cpm-bee'])

/** `viscpm inspect FILE`. Nothing of the file is executed, no tensor is read. @returns the exit code */
export async function inspect(context: Context, path: string, options: InspectOptions): Promise<number> {
  const { io, t } = context
  const { machineMemory, openCheckpoint } = await import('@viscpm/core/node')
  const { detectCheckpoint } = await import('@viscpm/core/weights')
  const weights = await openCheckpoint(path)
  try {
    const report = detectCheckpoint(weights)
    if (report.tensors === 0)
      throw new FileFormatError({ file: path, message: t.inspect.noTensors, hint: t.inspect.noTensorsHint })
    const canRun = runnable.has(report.kind)
    const inspection: Inspection = {
      path,
      weights,
      report,
      memory: machineMemory(),
      ...(canRun && { need: memoryNeed(weights, report), beside: await filesBeside(path, options.config) }),
    }
    if (!options.json) for (const line of inspectionLines(context, inspection)) io.stdout.write(`${line}\n`)
    if (options.keys && !options.json) for (const line of keyLines(weights)) io.stdout.write(`${printable(line)}\n`)
    const graphs = options.graph
      ? await writeGraphs(weights, report, inspection.beside?.config ?? options.config, options.graph, t)
      : []
    if (options.json) io.stdout.write(`${JSON.stringify(inspectionObject(inspection, options, graphs))}\n`)
    else {
      for (const { file, nodes, weights: left } of graphs)
        io.stdout.write(`${printable(t.inspect.graphWritten(file, nodes, left))}\n`)
      if (graphs.some(({ elsewhere }) => elsewhere)) io.stdout.write(`${t.inspect.graphElsewhere}\n`)
    }
    return exitCodes.ok
  } finally {
    await weights.close()
  }
}

/** The object of `--json`. */
function inspectionObject(
  { path, weights, report, need, memory, beside }: Inspection,
  options: InspectOptions,
  graphs: Awaited<ReturnType<typeof writeGraphs>>,
): Record<string, unknown> {
  return {
    file: path,
    format: weights.format,
    ...report,
    memory: {
      ...memory,
      ...(need && {
        float32: { bytes: need.float32, verdict: fit(need.float32, memory) },
        ...(need.keepHalf !== undefined && {
          keepHalf: { bytes: need.keepHalf, verdict: fit(need.keepHalf, memory) },
        }),
      }),
    },
    ...(beside && { beside }),
    ...(options.keys && {
      keys: weights.keys().map(key => {
        const { dtype, shape, nbytes } = weights.info(key)
        return { key, dtype, shape, nbytes }
      }),
    }),
    ...(graphs.length > 0 && { graphs }),
  }
}
