import { CacheLayout, cpmBee10b, type KeyValueDType } from '@viscpm/cpm-bee'
import { spread } from '../statistics.js'
import { type FullRow, scored } from './row.js'

/** The longest input and answer there are. */
const worst = { input: 3000, answer: 512, beams: 3 }

const kinds: readonly { kind: KeyValueDType; name: string }[] = [
  { kind: 'float32', name: 'float32 (exact)' },
  { kind: 'float16', name: 'float16' },
  { kind: 'int8', name: 'int8' },
]

/**
 * Computed for the published model: the original keeps the prompt for each beam, in half precision; ours once, and of the answers
 * as many tokens as there can be when no two beams share any. Spare slots, up to a sixteenth, are not counted.
 */
export function keyValueRows(): FullRow[] {
  const { input, answer, beams } = worst
  const layers = Array.from({ length: cpmBee10b.numLayers }, (_, i) => i)
  const bytes = (kind: KeyValueDType, slots: number) => new CacheLayout(layers, cpmBee10b, kind).bytesPerSlot * slots
  const original = bytes('float16', (input + answer) * beams)
  return kinds.map(({ kind, name }, i) => {
    const ours = bytes(kind, input + answer * beams)
    const what = `keys and values, ${input} + ${answer} tokens, ${beams} beams, at worst`
    return scored(
      {
        what: `${i === 0 ? what : 'the same'}: ${name}`,
        unit: 'GB',
        against: { name: 'the original in half precision', value: spread([original / 1e9]), unit: 'GB' },
        ...(kind === 'int8' && { goal: { floor: 2, aim: 4.5, better: 'higher' } }),
      },
      [ours / 1e9],
      [original / ours],
    )
  })
}
