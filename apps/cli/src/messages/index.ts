import type { Lang } from '../locale.js'
import { en } from './en.js'
import type { Messages } from './types.js'
import { zh } from './zh.js'

export type { Messages } from './types.js'

/** All texts in one language. */
export function messagesOf(lang: Lang): Messages {
  return lang === 'zh' ? zh : en
}
