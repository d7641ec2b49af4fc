import { languages, type TextGroup } from '../sample.js'
import { harmfulTexts, type WordFile } from './harmful.js'
import { ordinaryTexts } from './ordinary.js'
import { worldPrompts, worldQuestions } from './world.js'

export type { WordFile } from './harmful.js'

/** All texts that are measured with, the same in every run. */
export async function allTexts(files: readonly WordFile[] = []): Promise<TextGroup[]> {
  const world = languages.flatMap(language => [worldPrompts(language), worldQuestions(language)])
  return [...(await Promise.all(world)), ...(await ordinaryTexts()), ...(await harmfulTexts(files))]
}
