import { SourceChangedError } from '../../errors.js'
import type { ConversionManifest } from '../../quantize/manifest.js'
import { planQuantization } from '../../quantize/plan.js'
import { nearestRounding, type Rounding, searchRounding } from '../../quantize/rounding.js'
import { openCheckpoint } from '../files.js'
import { describeTensor } from './describe.js'
import { planOf, signature } from './manifest-plan.js'
import type { PieceResult } from './piece-task.js'
import { WorkerPool } from './pool.js'
import { checkUnchanged, type SourceFiles, sourceFiles } from './source.js'
import { PieceTasks } from './tasks.js'
import { sha256 } from './tree-hash.js'
import type { VerifyOptions, VerifyProblem } from './verify.js'

/** Converts the source again, in memory, and compares. */
export async function compareSource(
  path: string,
  file: string,
  manifest: ConversionManifest,
  workers: number,
  options: VerifyOptions,
  problems: VerifyProblem[],
): Promise<{ readonly bytes: number; readonly how: 'hashed' | 'converted' }> {
  const rounding = [options.rounding, nearestRounding, searchRounding].find(
    one => one?.name === manifest.options.rounding,
  )
  const source = await openCheckpoint(path)
  try {
    const plan = planQuantization(source, manifest.options)
    const same = signature(plan) === signature(planOf(manifest)) && sha256(plan.header) === manifest.file.header
    if (!same) {
      problems.push({ kind: 'plan', name: path })
      return { bytes: 0, how: 'hashed' }
    }
    const files = await sourceFiles(source, plan.tensors)
    const tasks = new PieceTasks(plan, source, files, rounding ?? nearestRounding)
    const bytes = await convertAgain(tasks, files, file, manifest, workers, rounding, options, problems)
    await checkUnchanged(files)
    return { bytes, how: rounding ? 'converted' : 'hashed' }
  } catch (error) {
    if (!(error instanceof SourceChangedError)) throw error
    problems.push({ kind: 'source', name: path })
    return { bytes: 0, how: 'hashed' }
  } finally {
    await source.close()
  }
}

async function convertAgain(
  tasks: PieceTasks,
  files: SourceFiles,
  file: string,
  manifest: ConversionManifest,
  workers: number,
  rounding: Rounding | undefined,
  { signal, onProgress }: VerifyOptions,
  problems: VerifyProblem[],
): Promise<number> {
  const ratios = { 4: (rounding ?? nearestRounding).ratios(4), 8: (rounding ?? nearestRounding).ratios(8) }
  const setup = { sources: files.paths, target: file, writable: false, memory: tasks.memory, ratios }
  const total = tasks.plan.tensors.reduce((sum, { source }) => sum + source.nbytes, 0)
  const results = tasks.sizes.map(({ count }) => new Array<PieceResult>(count))
  const pool = await WorkerPool.start(workers, setup)
  let done = 0
  try {
    await pool.each(
      tasks.pieces,
      async (host, piece) => {
        results[piece.tensor]![piece.piece] = await host.call('convert', [await tasks.task(piece), { write: false }])
        done += tasks.bytes(piece)
        onProgress?.({ phase: 'verify', done, total, unit: 'bytes' })
      },
      signal,
    )
  } finally {
    await pool.close()
  }
  for (const [i, tensor] of manifest.tensors.entries()) {
    const again = describeTensor(tasks.plan.tensors[i]!, results[i]!)
    if (again.source.sha256 !== tensor.source.sha256) problems.push({ kind: 'source', name: tensor.key })
    const same = again.target.sha256 === tensor.target.sha256 && again.scales?.sha256 === tensor.scales?.sha256
    if (rounding && !same) problems.push({ kind: 'conversion', name: tensor.key })
  }
  return done
}
