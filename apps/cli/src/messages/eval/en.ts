import { bilingualEn } from './bilingual-en.js'
import { evalChatEn } from './chat-en.js'
import { critiqueEn } from './critique-en.js'
import { evalPaintEn } from './paint-en.js'
import type { EvalMessages } from './types.js'

export const evalEn: EvalMessages = {
  about: 'Measure how good a model is.',
  bilingual: bilingualEn,
  chat: evalChatEn,
  paint: evalPaintEn,
  critique: critiqueEn,
}
