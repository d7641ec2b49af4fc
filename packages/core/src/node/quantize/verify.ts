import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskOptions } from '../../progress.js'
import { type ConversionManifest, chainText } from '../../quantize/manifest.js'
import { nearestRounding, type Rounding } from '../../quantize/rounding.js'
import { describeFile } from './beside.js'
import { planOf } from './manifest-plan.js'
import { type WorkerOptions, workersOf } from './options.js'
import type { PieceResult } from './piece-task.js'
import { standingModel, weightsName } from './places.js'
import { WorkerPool } from './pool.js'
import { readManifest } from './read-manifest.js'
import { PieceTasks } from './tasks.js'
import { sha256, treeRoot } from './tree-hash.js'
import { compareSource } from './verify-source.js'

/** Something that is not as the manifest says. */
export interface VerifyProblem {
  /**
   * manifest: it was changed itself; file, beside: one is missing or of another size, or differs; header; tensor: its bytes
   * differ; source: the source's differ; conversion: the source gives other bytes; plan: the source has other tensors.
   */
  readonly kind: 'manifest' | 'file' | 'header' | 'tensor' | 'source' | 'conversion' | 'plan' | 'beside'
  /** Key of a tensor, or name of a file. */
  readonly name: string
}

export interface VerifyResult {
  readonly manifest: ConversionManifest
  readonly problems: readonly VerifyProblem[]
  readonly tensors: number
  /** Bytes that were looked at. */
  readonly bytes: number
  /** What the source was compared in: not at all, its bytes, or what converting them gives. */
  readonly source: 'not given' | 'hashed' | 'converted'
}

export interface VerifyOptions extends WorkerOptions {
  /** The checkpoint that it was made of: a file, or a folder that holds one. */
  readonly source?: string
  /** How scales were chosen, where it was neither plain nor searched without data. */
  readonly rounding?: Rounding
}

/**
 * Checks a folder that `quantizeCheckpoint` made: every byte of its checkpoint against the manifest, the files beside it, and
 * the manifest against itself; with the source, that every tensor is what converting the source gives. Nothing is written.
 * Progress: phase `verify`, in bytes.
 * @throws FileNotFoundError and FileFormatError where there is no manifest to check against; as `openCheckpoint` for the source
 */
export async function verifyCheckpoint(path: string, options: VerifyOptions = {}): Promise<VerifyResult> {
  const folder = await standingModel(path)
  const workers = workersOf(options.workers)
  const manifest = await readManifest(folder)
  const problems: VerifyProblem[] = []
  if (sha256(chainText(manifest)) !== manifest.chain) problems.push({ kind: 'manifest', name: 'manifest.json' })
  for (const file of manifest.beside) {
    const found = await describeFile(folder, file.name).catch(() => undefined)
    if (found?.sha256 !== file.sha256) problems.push({ kind: 'beside', name: file.name })
  }
  const file = join(folder, weightsName)
  const size = await stat(file).then(
    info => info.size,
    () => -1,
  )
  const result = { manifest, problems, tensors: manifest.tensors.length }
  if (size !== manifest.file.bytes) {
    problems.push({ kind: 'file', name: weightsName })
    return { ...result, bytes: 0, source: 'not given' }
  }
  if (sha256(await headerOf(file, manifest)) !== manifest.file.header)
    problems.push({ kind: 'header', name: weightsName })
  const written = await hashWritten(file, manifest, workers, options, problems)
  if (options.source === undefined) return { ...result, bytes: written, source: 'not given' }
  const compared = await compareSource(options.source, file, manifest, workers, options, problems)
  return { ...result, bytes: written + compared.bytes, source: compared.how }
}

async function headerOf(file: string, { tensors, file: { bytes } }: ConversionManifest): Promise<Uint8Array> {
  const starts = tensors.flatMap(({ target, scales }) => [target.offset, ...(scales ? [scales.offset] : [])])
  const header = new Uint8Array(Math.min(bytes, ...starts))
  const handle = await open(file, 'r')
  try {
    await handle.read(header, 0, header.length, 0)
  } finally {
    await handle.close()
  }
  return header
}

async function hashWritten(
  file: string,
  manifest: ConversionManifest,
  workers: number,
  { signal, onProgress }: TaskOptions,
  problems: VerifyProblem[],
): Promise<number> {
  const tasks = new PieceTasks(planOf(manifest), undefined, undefined, nearestRounding)
  const found = tasks.sizes.map(({ count }) => new Array<Pick<PieceResult, 'target' | 'scales'>>(count))
  const none = { 4: new Float32Array(0), 8: new Float32Array(0) }
  const pool = await WorkerPool.start(workers, {
    sources: [],
    target: file,
    writable: false,
    memory: 65536,
    ratios: none,
  })
  let done = 0
  try {
    await pool.each(
      tasks.pieces,
      async (host, piece) => {
        const task = await tasks.task(piece)
        found[piece.tensor]![piece.piece] = await host.call('written', [task])
        done += task.target.length + (task.blocks?.scales.length ?? 0)
        onProgress?.({ phase: 'verify', done, total: manifest.file.bytes, unit: 'bytes' })
      },
      signal,
    )
  } finally {
    await pool.close()
  }
  for (const [i, { key, target, scales }] of manifest.tensors.entries()) {
    const same =
      treeRoot(found[i]!.map(one => one.target)) === target.sha256 &&
      (!scales || treeRoot(found[i]!.map(one => one.scales ?? '')) === scales.sha256)
    if (!same) problems.push({ kind: 'tensor', name: key })
  }
  return done
}
