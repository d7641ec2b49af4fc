import type { BilingualMessages } from './bilingual-types.js'
import type { EvalChatMessages } from './chat-types.js'
import type { CritiqueMessages } from './critique-types.js'
import type { EvalPaintMessages } from './paint-types.js'

/** Texts of the evaluations, by command. */
export interface EvalMessages {
  /** What `viscpm eval` is. */
  readonly about: string
  readonly bilingual: BilingualMessages
  readonly chat: EvalChatMessages
  readonly paint: EvalPaintMessages
  readonly critique: CritiqueMessages
}
