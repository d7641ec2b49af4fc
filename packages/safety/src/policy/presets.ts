import { stages } from './actions.js'
import { Policy } from './policy.js'

/**
 * The default everywhere: what is harmful, and what could not be checked, goes no further. Painted pictures that are
 * flagged are dropped before the ranking, and up to 8 others are painted in their place.
 */
export const strictPolicy: Policy = new Policy({ name: 'strict', replacements: 8 })

/**
 * What the original does: it warns about a picture and answers all the same, looks at no text of a chat and at no
 * negative prompt, refuses a prompt, and blackens flagged pictures, which take part in the ranking.
 * Source: VisCPM, VisCPMChat.chat and VisCPMPaint.generate. One thing differs: there a checker that fails raises.
 */
export const upstreamPolicy: Policy = new Policy({
  name: 'upstream',
  stages: {
    'chat-picture': { block: 'tag', unknown: 'tag' },
    'chat-text': 'unchecked',
    'chat-answer': 'unchecked',
    'negative-prompt': 'unchecked',
    'source-picture': 'unchecked',
    'painted-picture': { block: 'blacken', unknown: 'blacken' },
  },
  ranksFlagged: true,
})

/** Nothing is checked. */
export const offPolicy: Policy = new Policy({
  name: 'off',
  stages: Object.fromEntries(stages.map(stage => [stage, 'unchecked'])),
})
