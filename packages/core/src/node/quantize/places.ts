import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { InvalidArgumentError } from '../../errors.js'
import { syncFolder, writeFailed } from '../atomic.js'

/** Name of the converted checkpoint in its folder, and of what says how it came about. */
export const weightsName = 'model.safetensors'
export const manifestName = 'manifest.json'

/** Where a conversion works: beside the folder that it makes. */
export interface WorkPlaces {
  /** The folder to be. */
  readonly final: string
  /** Kept until it is there: lock, journal, and the model so far. */
  readonly work: string
  readonly lock: string
  readonly journal: string
  /** Becomes `final` by being renamed. */
  readonly model: string
  readonly weights: string
  /** The older model, for the moment between two renames. */
  readonly replaced: string
}

export function workPlaces(folder: string): WorkPlaces {
  const final = resolve(folder)
  const name = basename(final)
  if (name === '') throw new InvalidArgumentError({ argument: 'folder', message: `${folder} cannot be replaced` })
  const work = join(dirname(final), `.${name}.converting`)
  const model = join(work, 'model')
  return {
    final,
    work,
    lock: join(dirname(final), `.${name}.lock`),
    journal: join(work, 'journal'),
    model,
    weights: join(model, weightsName),
    replaced: replacedOf(final),
  }
}

const replacedOf = (final: string): string => join(dirname(final), `.${basename(final)}.replaced`)

/**
 * Where a model is: at `path`; or, when a process died between the two renames that replace it, where that has put the older one.
 * @returns `path` itself also when there is nothing
 */
export async function standingModel(path: string): Promise<string> {
  if (await exists(path)) return path
  const replaced = replacedOf(resolve(path))
  return (await exists(replaced)) ? replaced : path
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** Puts back an older model that a killed process had moved away and not yet replaced. */
export async function recover({ final, replaced }: WorkPlaces): Promise<void> {
  if (!(await exists(replaced))) return
  if (await exists(final)) await rm(replaced, { recursive: true, force: true })
  else await rename(replaced, final)
}

/** The finished model takes its place. @throws WriteFailedError */
export async function publish({ final, model, work, replaced }: WorkPlaces): Promise<void> {
  try {
    await syncFolder(model)
    if (await exists(final)) await rename(final, replaced)
    await rename(model, final)
    await syncFolder(dirname(final))
    await rm(replaced, { recursive: true, force: true })
    await rm(work, { recursive: true, force: true })
  } catch (cause) {
    throw writeFailed(final, cause)
  }
}

/** The folder that a conversion works in. @throws WriteFailedError */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (cause) {
    throw writeFailed(path, cause)
  }
}
