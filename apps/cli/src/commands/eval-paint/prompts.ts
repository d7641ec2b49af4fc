import { readFile } from 'node:fs/promises'
import { FileNotFoundError, sha256 } from '@viscpm/core'
import { type EvalPrompt, embeddedPrompts, parsePrompts } from '@viscpm/eval'
import type { EvalPaintOptions } from './options.js'

/** What is painted: captions of a file, or of the embedded model's world. @throws FileNotFoundError, FileFormatError */
export async function readPrompts({ prompts, language, limit }: EvalPaintOptions): Promise<EvalPrompt[]> {
  const text =
    prompts === undefined
      ? embeddedPrompts.map(line => JSON.stringify(line)).join('\n')
      : await readFile(prompts, 'utf8').catch((cause: unknown) => {
          throw new FileNotFoundError({ file: prompts, message: 'cannot be read', cause })
        })
  return parsePrompts(text, {
    file: prompts ?? 'embedded.jsonl',
    ...(language !== undefined && language !== 'both' && { language }),
    ...(limit !== undefined && { limit }),
  })
}

/** Tells sets of captions apart. */
export const promptsHash = (prompts: readonly EvalPrompt[]): Promise<string> => sha256(JSON.stringify(prompts))
