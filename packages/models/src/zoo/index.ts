import type { ZooModel } from '../types.js'
import { chatModels } from './chat.js'
import { chineseClip, safetyChecker } from './checkers.js'
import { paintModels } from './paint.js'

/** Every model that VisCPM is made of. */
export const zoo: readonly ZooModel[] = [...chatModels, ...paintModels, chineseClip, safetyChecker]

/** The model of an id or a short name; case does not matter. undefined where the zoo has none. */
export function findZooModel(name: string, models: readonly ZooModel[] = zoo): ZooModel | undefined {
  const wanted = name.toLowerCase()
  return models.find(({ id, aliases }) => [id, ...aliases].some(one => one.toLowerCase() === wanted))
}

/** Bytes of all its files; see `ModelFile.exact`. */
export function sizeOf(model: ZooModel): number {
  return model.files.reduce((sum, { size }) => sum + size, 0)
}
