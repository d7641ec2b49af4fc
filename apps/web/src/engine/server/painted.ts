import { EngineError } from '../errors.js'
import type { Painted, PaintReply, PaintSettings } from '../types.js'
import { field, listOf, numberOf, pictureOf, textOf } from './fields.js'
import { safetyOf, verdictsOf } from './safety.js'

/** What the server painted. @throws EngineError 'broken' when nothing of it can be shown */
export function paintReply(result: unknown, asked: PaintSettings, took: number): PaintReply {
  const more = field(result, 'viscpm')
  const safety = safetyOf(field(more, 'safety'))
  if (field(more, 'status') === 'blocked') {
    return { status: 'blocked', candidates: [], settings: settingsOf(asked, undefined), safety, took }
  }
  const data = listOf(field(result, 'data'))
  const candidates = data.flatMap(candidateOf)
  if (candidates.length === 0) throw new EngineError('broken', 'The server painted, but sent no picture.')
  const chosen = data.find(item => field(field(item, 'viscpm'), 'chosen') === true) ?? data[0]
  return { status: 'painted', candidates, settings: settingsOf(asked, field(chosen, 'viscpm')), safety, took }
}

function candidateOf(item: unknown): readonly Painted[] {
  const base64 = textOf(field(item, 'b64_json'))
  if (base64 === undefined) return []
  const more = field(item, 'viscpm')
  const score = numberOf(field(more, 'score'))
  return [
    {
      picture: pictureOf(base64),
      chosen: field(more, 'chosen') === true,
      withheld: field(more, 'withheld') === true,
      safety: verdictsOf(field(more, 'verdict'), 'painted'),
      ...(score === undefined ? {} : { score }),
    },
  ]
}

/** As asked, with what the server filled in. */
function settingsOf(asked: PaintSettings, more: unknown): PaintSettings {
  const used = field(more, 'metadata')
  const { prompt, negativePrompt, strength } = asked
  const filled: Record<keyof Omit<PaintSettings, 'prompt' | 'negativePrompt'>, string | number | undefined> = {
    seed: seedOf(field(used, 'seed') ?? field(more, 'seed')) ?? asked.seed,
    steps: numberOf(field(used, 'steps')) ?? asked.steps,
    guidanceScale: numberOf(field(used, 'guidanceScale')) ?? asked.guidanceScale,
    scheduler: textOf(field(field(used, 'scheduler'), '_class_name')) ?? asked.scheduler,
    width: numberOf(field(used, 'width')) ?? asked.width,
    height: numberOf(field(used, 'height')) ?? asked.height,
    candidates: numberOf(field(used, 'candidates')) ?? asked.candidates,
    strength,
  }
  const known = Object.entries(filled).filter(([, value]) => value !== undefined)
  return { prompt, negativePrompt, ...(Object.fromEntries(known) as Partial<PaintSettings>) }
}

function seedOf(seed: unknown): string | undefined {
  const one = Array.isArray(seed) ? seed[0] : seed
  return typeof one === 'number' || typeof one === 'string' ? String(one) : undefined
}
