import type { Decision } from '@viscpm/safety'
import type { Messages } from '../messages/index.js'
import { oneLine } from '../terminal/printable.js'
import { verdictText } from './verdict-text.js'

/** A line for everything that a checker did not allow: what it was, what was done, and why. */
export function flaggedLines(t: Messages, flagged: readonly Decision[]): string[] {
  return flagged.flatMap(({ stage, action, verdict }) => {
    if (verdict === 'none') return []
    const say = action === 'block' ? t.safety.blocked : t.safety.letPass
    return [oneLine(say(t.safety.what[stage], verdictText(t, verdict)))]
  })
}
