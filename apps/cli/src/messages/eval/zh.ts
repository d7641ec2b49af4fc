import { bilingualZh } from './bilingual-zh.js'
import { evalChatZh } from './chat-zh.js'
import { critiqueZh } from './critique-zh.js'
import { evalPaintZh } from './paint-zh.js'
import type { EvalMessages } from './types.js'

export const evalZh: EvalMessages = {
  about: '衡量模型的好坏。',
  bilingual: bilingualZh,
  chat: evalChatZh,
  paint: evalPaintZh,
  critique: critiqueZh,
}
