import { sharpCodec } from '@viscpm/core/node'
import type { Prompt } from './prompts.js'
import type { Painted } from './run.js'

/** What is shown, from above. */
const shown = [
  'DDPM 50',
  'DPM++ 50',
  'DPM++ 20',
  'DPM++ 20, guided 0-0.6',
  'DPM++ 20, cache 3',
  'DPM++ 20, merged 0.5',
  'fast',
]
const columns = 20
const gap = 4

/** A row for each setting, a column for each of some prompts, each the picture of its first seed: a PNG file. */
export async function contactSheet(prompts: readonly Prompt[], painted: readonly Painted[]): Promise<Uint8Array> {
  const rows = shown.flatMap(name => painted.filter(({ setting }) => setting.name === name))
  const every = Math.max(1, Math.floor(prompts.length / columns))
  // One step more, so that both languages come in turns.
  const chosen = Array.from({ length: columns }, (_, i) => i * every + (i % 2)).filter(i => i < prompts.length)
  const { width, height } = rows[0]!.pictures[0]![0]!
  const sheet = {
    width: chosen.length * (width + gap) + gap,
    height: rows.length * (height + gap) + gap,
    data: new Uint8Array(0),
  }
  sheet.data = new Uint8Array(sheet.width * sheet.height * 3).fill(255)
  for (const [r, { pictures }] of rows.entries())
    for (const [c, prompt] of chosen.entries()) {
      const { data } = pictures[prompt]![0]!
      for (let y = 0; y < height; y++) {
        const at = ((gap + r * (height + gap) + y) * sheet.width + gap + c * (width + gap)) * 3
        sheet.data.set(data.subarray(y * width * 3, (y + 1) * width * 3), at)
      }
    }
  return sharpCodec().encode(sheet, 'png')
}
