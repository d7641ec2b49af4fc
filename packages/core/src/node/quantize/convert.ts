import { constants } from 'node:fs'
import { type FileHandle, open, readdir, realpath, rm, statfs } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { InvalidArgumentError, isVisCPMError, WriteFailedError } from '../../errors.js'
import type { ConversionManifest } from '../../quantize/manifest.js'
import { planQuantization } from '../../quantize/plan.js'
import type { Rounding } from '../../quantize/rounding.js'
import { writeFailed, writeFileAtomic } from '../atomic.js'
import { openCheckpoint } from '../files.js'
import { takeLock } from '../lock.js'
import { bytesOfFiles, copyBeside, filesBeside } from './beside.js'
import { convertPieces } from './convert-pieces.js'
import { describeConversion, describedOptions, manifestText, planDigest } from './describe.js'
import { readJournal } from './journal.js'
import { type ConversionOptions, roundingOf, workersOf } from './options.js'
import {
  exists,
  makeFolder,
  manifestName,
  publish,
  recover,
  type WorkPlaces,
  weightsName,
  workPlaces,
} from './places.js'
import { readManifest } from './read-manifest.js'
import { checkUnchanged, type SourceFiles, sourceChanged, sourceFiles, syncFile } from './source.js'
import { PieceTasks } from './tasks.js'

export interface ConversionResult {
  readonly folder: string
  readonly manifest: ConversionManifest
  /** Bytes of the source that this run converted, and that an earlier one had. */
  readonly converted: number
  readonly resumed: number
  /** The folder was there already, made of the same source in the same way. */
  readonly existed: boolean
}

/**
 * Converts a checkpoint to a folder that loads by itself: `model.safetensors`, the small files beside the source, and a
 * `manifest.json` that says what became of every tensor. The folder appears when all of it is on the disk, and an older one
 * stays until then. A run that is killed or aborted is gone on with when it is called again in the same way; the bytes are the
 * same however it came about. Progress: phase `convert`, in bytes of the source.
 *
 * @param source a checkpoint file, or a folder that holds one
 * @throws InvalidArgumentError, FileNotFoundError, FileFormatError, UnsafePickleError; NonFiniteError naming a tensor;
 * SourceChangedError; WriteFailedError, also for too little space and where another process converts to the same folder
 */
export async function quantizeCheckpoint(
  source: string,
  folder: string,
  options: ConversionOptions,
): Promise<ConversionResult> {
  const rounding = roundingOf(options.rounding)
  const workers = workersOf(options.workers)
  const places = workPlaces(folder)
  options.signal?.throwIfAborted()
  const weights = await openCheckpoint(source)
  try {
    const plan = planQuantization(weights, options)
    const files = await sourceFiles(weights, plan.tensors)
    await checkApart(files, places.final)
    const tasks = new PieceTasks(plan, weights, files, rounding)
    await makeFolder(dirname(places.final))
    const release = await takeLock(places.lock)
    try {
      await recover(places)
      const found = await alreadyThere(places, tasks, files, rounding, options.force ?? false)
      if (found) return found
      return await convertLocked(places, tasks, files, rounding, { ...options, workers })
    } finally {
      await release()
    }
  } finally {
    await weights.close()
  }
}

/** The source must not lie in the folder that is replaced. */
async function checkApart({ paths }: SourceFiles, final: string): Promise<void> {
  const target = await realpath(final).catch(() => final)
  const inside = paths.find(path => path.startsWith(target + sep))
  if (inside !== undefined)
    throw new InvalidArgumentError({ argument: 'folder', message: `${final} holds the source itself, ${inside}` })
}

/** What is there is the result, or in the way. @throws WriteFailedError */
async function alreadyThere(
  places: WorkPlaces,
  { plan }: PieceTasks,
  files: SourceFiles,
  rounding: Rounding,
  force: boolean,
): Promise<ConversionResult | undefined> {
  if (force || !(await exists(places.final))) return undefined
  const manifest = await readManifest(places.final).catch(() => undefined)
  const same =
    JSON.stringify(manifest?.source.files) === JSON.stringify(files.described) &&
    JSON.stringify(manifest?.options) === JSON.stringify(describedOptions(plan, rounding))
  if (!manifest || !same)
    throw new WriteFailedError({
      file: places.final,
      message: 'there is something of this name already',
      hint: 'Choose another folder, or replace it (--force).',
    })
  await rm(places.work, { recursive: true, force: true })
  return { folder: places.final, manifest, converted: 0, resumed: 0, existed: true }
}

async function convertLocked(
  places: WorkPlaces,
  tasks: PieceTasks,
  files: SourceFiles,
  rounding: Rounding,
  options: ConversionOptions & { readonly workers: number },
): Promise<ConversionResult> {
  const { plan } = tasks
  const header = { plan: planDigest(plan, rounding), sources: files.states }
  let journal = await readJournal(places.journal)
  const isSame = journal?.header.plan === header.plan && String(journal.header.sources) === String(header.sources)
  if (journal && !isSame && !options.force) {
    if (journal.header.plan === header.plan)
      throw sourceChanged(files.paths[0]!, 'it changed since its conversion began')
    throw new WriteFailedError({
      file: places.work,
      message: 'an unfinished conversion of another kind or source',
      hint: 'Finish it with the options it was begun with, or discard it (--force).',
    })
  }
  if (!isSame) {
    journal = undefined
    await rm(places.work, { recursive: true, force: true })
  }
  const sourceFolder = dirname(files.paths[0]!)
  const beside = await filesBeside(sourceFolder)
  await checkSpace(places, plan.size + (await bytesOfFiles(sourceFolder, beside)))
  await makeFolder(places.model)
  await keepOnlyWeights(places)
  await prepareTarget(places.weights, plan.header, plan.size)
  try {
    const { tensors, converted, resumed } = await convertPieces({
      places,
      tasks,
      files,
      rounding,
      header,
      journal,
      options,
    })
    await checkUnchanged(files)
    const copied = await copyBeside(sourceFolder, places.model, beside)
    await syncFile(places.weights)
    const manifest = describeConversion(plan, rounding, files, tensors, copied)
    await writeFileAtomic(join(places.model, manifestName), manifestText(manifest))
    options.signal?.throwIfAborted()
    await publish(places)
    return { folder: places.final, manifest, converted, resumed, existed: false }
  } catch (error) {
    // What cannot be gone on with is not kept.
    if (isVisCPMError(error, 'NON_FINITE') || isVisCPMError(error, 'SOURCE_CHANGED'))
      await rm(places.work, { recursive: true, force: true })
    throw error
  }
}

async function checkSpace({ weights, final }: WorkPlaces, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(final))
  const handle = await open(weights, 'r').catch(() => undefined)
  const there = ((await handle?.stat())?.blocks ?? 0) * 512
  await handle?.close()
  // A little for the manifest, the journal, and what the file system itself needs.
  const needed = Math.max(0, bytes - there) + 16 * 2 ** 20
  const gb = (n: number) => `${(n / 1e9).toFixed(2)} GB`
  if (needed > bavail * bsize)
    throw new WriteFailedError({
      file: final,
      message: `${gb(needed)} are needed, ${gb(bavail * bsize)} are free`,
      hint: 'Free some space, or write elsewhere.',
    })
}

/** What a killed run copied beside the weights, perhaps by half, is copied again. */
async function keepOnlyWeights({ model }: WorkPlaces): Promise<void> {
  for (const name of await readdir(model))
    if (name !== weightsName) await rm(join(model, name), { recursive: true, force: true })
}

/** The file with its header, and the rest of its length. What is in it already stays. */
async function prepareTarget(file: string, header: Uint8Array, size: number): Promise<void> {
  let handle: FileHandle | undefined
  try {
    handle = await open(file, constants.O_RDWR | constants.O_CREAT)
    await handle.truncate(size)
    for (let done = 0; done < header.length; )
      done += (await handle.write(header, done, header.length - done, done)).bytesWritten
  } catch (cause) {
    throw writeFailed(file, cause)
  } finally {
    await handle?.close()
  }
}
