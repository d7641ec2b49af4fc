import { parseArgs } from 'node:util'
import { type Language, languages } from './sample.js'

export interface EvalOptions {
  /** Folder of a BERT prompt checker to measure as well. */
  readonly bert: string | undefined
  /** Folder of a Stable Diffusion safety checker to measure on pictures. */
  readonly stableDiffusion: string | undefined
  /** Folder of harmless pictures. Undefined: those of the embedded model. */
  readonly pictures: string | undefined
  /** Further lists of harmful words. */
  readonly words: readonly { readonly language: Language; readonly file: string }[]
  /** Most texts of each group. */
  readonly limit: number
  /** Wrongly judged examples of each group to print. The JSON has all. */
  readonly showWrong: number
  readonly json: string | undefined
  /** Document whose marked part is replaced by the tables. */
  readonly docs: string | undefined
}

export const usage: string = `pnpm safety-eval [--json FILE] [--show-wrong N] [--limit N] [--words LANG=FILE]... [--docs FILE]
                 [--bert DIR] [--stable-diffusion DIR] [--pictures DIR]

How often the safety checkers are wrong: harmless texts that are blocked, harmful ones that pass, disguised words, latency.
--bert              measure this BERT prompt checker as well (config.json, vocab.txt, weights)
--stable-diffusion  measure this safety checker on harmless pictures (config.json, weights)
--pictures          folder of harmless pictures (default: those of the embedded model)
--words             a further list of harmful words, one a line: zh=FILE or en=FILE
--limit             most texts of each group (default: all; a large BERT takes 0.1 s a text)
--show-wrong        print so many wrongly judged texts of each group: harmful ones too
--json              also write everything to FILE, the wrongly judged texts included
--docs              also replace the tables of docs/safety.md`

/** @returns undefined where help was asked for. @throws Error saying what is wrong */
export function parseOptions(args: readonly string[]): EvalOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      bert: { type: 'string' },
      'stable-diffusion': { type: 'string' },
      pictures: { type: 'string' },
      words: { type: 'string', multiple: true },
      limit: { type: 'string' },
      'show-wrong': { type: 'string' },
      json: { type: 'string' },
      docs: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return undefined
  if (values.pictures !== undefined && values['stable-diffusion'] === undefined)
    throw new Error('--pictures needs a checker of pictures: --stable-diffusion DIR')
  return {
    bert: values.bert,
    stableDiffusion: values['stable-diffusion'],
    pictures: values.pictures,
    words: (values.words ?? []).map(wordFile),
    limit: whole('limit', values.limit, 1) ?? Number.POSITIVE_INFINITY,
    showWrong: whole('show-wrong', values['show-wrong'], 0) ?? 0,
    json: values.json,
    docs: values.docs,
  }
}

function wordFile(text: string): { language: Language; file: string } {
  const at = text.indexOf('=')
  const language = languages.find(known => known === text.slice(0, at))
  if (language === undefined || at === text.length - 1)
    throw new Error(`--words takes en=FILE or zh=FILE, not ${JSON.stringify(text)}`)
  return { language, file: text.slice(at + 1) }
}

function whole(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < least)
    throw new Error(`--${name} takes a whole number from ${least}, not ${JSON.stringify(text)}`)
  return value
}
