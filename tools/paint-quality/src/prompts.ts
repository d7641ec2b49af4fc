import { readFile } from 'node:fs/promises'

/** One of the seeded prompts of `tools/train-tiny/paint/prompts.py`, with what the judge looks for. */
export interface Prompt {
  readonly kind: string
  readonly lang: 'en' | 'zh'
  readonly prompt: string
  readonly scene: { readonly bg: number; readonly items: readonly { readonly label: number; readonly paint: number }[] }
}

export async function readPrompts(): Promise<readonly Prompt[]> {
  return JSON.parse(await readFile(new URL('../data/prompts.json', import.meta.url), 'utf8')) as Prompt[]
}

/** Of two things the embedded painter seldom gets both right, whatever the setting. */
export const isPair = ({ scene }: Pick<Prompt, 'scene'>): boolean => scene.items.length > 1
