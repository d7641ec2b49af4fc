import { InvalidArgumentError } from '@viscpm/core'
import type { WantedScene } from './judge/judge.js'

/** A prompt among whose pictures and those of other prompts a chooser is to tell the right one. */
export interface LinedUpPrompt extends WantedScene {
  readonly language: 'en' | 'zh'
}

/** Pictures that stand side by side for one prompt. */
export interface LineUp {
  /** Numbers of the prompts whose pictures they are, the right one among them. */
  readonly of: readonly number[]
  /** Where the right one stands: another place for each prompt, so that a chooser which takes equal ones in order gains nothing. */
  readonly right: number
}

/**
 * Puts each prompt's picture beside those of the prompts that follow it (after the last comes the first), in the same language and of
 * other things. What is right is known from what was painted for what: no judge takes part, chance is 1 / `size`.
 * @throws InvalidArgumentError when there are too few prompts of other things
 */
export function lineUps(prompts: readonly LinedUpPrompt[], size: number): LineUp[] {
  const next = { en: 0, zh: 0 }
  return prompts.map(({ language, things }, at) => {
    const names = new Set(things.map(({ name }) => name))
    const others = [...prompts.keys()]
      .map(k => (at + k) % prompts.length)
      .filter(k => prompts[k]!.language === language && !prompts[k]!.things.some(({ name }) => names.has(name)))
      .slice(0, size - 1)
    if (others.length < size - 1)
      throw new InvalidArgumentError({
        argument: 'prompts',
        message: `${others.length} prompts of other things than '${[...names].join(', ')}' are too few for ${size} pictures`,
        hint: 'Take more scenes, or fewer pictures.',
      })
    const right = next[language]++ % size
    return { of: others.toSpliced(right, 0, at), right }
  })
}
