import { expect, it } from 'vitest'
import { isComposing } from './composing.js'

/** Enter as browsers tell of it. */
const enter = (composing: boolean, keyCode: number): boolean =>
  isComposing({ nativeEvent: { isComposing: composing, keyCode } as KeyboardEvent })

it('knows the Enter that ends a word of an input method from one that sends', () => {
  expect(enter(true, 229)).toBe(true)
  // Safari, after the end of the composing.
  expect(enter(false, 229)).toBe(true)
  expect(enter(false, 13)).toBe(false)
})
