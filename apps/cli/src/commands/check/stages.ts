import type { Stage } from '@viscpm/core'

/** What `--as` can say that the inputs are. */
export const checkedAs = ['prompt', 'negative-prompt', 'question', 'answer'] as const

export type CheckedAs = (typeof checkedAs)[number]

/** Where a text and a picture would be checked. */
export interface CheckStages {
  readonly text: Stage
  readonly picture: Stage
}

/** Without `--as`: what the original checks, prompts and the pictures of a chat. */
export function checkStages(as: CheckedAs | undefined): CheckStages {
  switch (as) {
    case undefined:
      return { text: 'prompt', picture: 'chat-picture' }
    case 'prompt':
    case 'negative-prompt':
      return { text: as, picture: 'source-picture' }
    case 'question':
      return { text: 'chat-text', picture: 'chat-picture' }
    case 'answer':
      return { text: 'chat-answer', picture: 'chat-picture' }
  }
}
