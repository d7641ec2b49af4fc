import { type Safety, stateOf, strictSafety } from '@viscpm/safety'
import type { Messages } from '../../messages/index.js'
import { coverageText, stagesOf } from '../../safety/coverage.js'
import type { Check } from './check.js'

/** One harmful text and one harmless one, in each language. */
const samples = { block: ['p0rn', '色情图片'], allow: ['a red cat', '一只红色的猫'] } as const

/** Asks the embedded checkers, and says which there are. */
export async function checkSafety(t: Messages, safety: Safety = strictSafety()): Promise<Check> {
  for (const [action, texts] of Object.entries(samples))
    for (const text of texts)
      if ((await safety.checkText('prompt', text)).action !== action)
        return { name: 'safety', status: 'broken', detail: t.doctor.wordListWrong, hint: t.doctor.reinstallHint }
  const detail = coverageText(stateOf(safety), [...stagesOf.paint, ...stagesOf.chat], t)
  return safety.covers('painted-picture')
    ? { name: 'safety', status: 'ok', detail }
    : { name: 'safety', status: 'warning', detail, hint: t.doctor.noPictureChecker }
}
