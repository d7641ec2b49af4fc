import type { KeyboardEvent } from 'react'

/** Whether a key belongs to an input method. Safari has ended the composing when it tells of the Enter that did: 229 says so. */
export function isComposing({ nativeEvent }: Pick<KeyboardEvent, 'nativeEvent'>): boolean {
  return nativeEvent.isComposing || nativeEvent.keyCode === 229
}
