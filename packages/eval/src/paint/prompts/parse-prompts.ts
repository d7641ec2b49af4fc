import { FileFormatError, languageOf } from '@viscpm/core'

export const promptLanguages = ['en', 'zh'] as const
export type PromptLanguage = (typeof promptLanguages)[number]

/** A caption to paint. Captions of one line in two languages have one index, and so one seed. */
export interface EvalPrompt {
  /** Line of the file, from 0; decides the seed. */
  readonly index: number
  readonly language: PromptLanguage
  readonly text: string
}

export interface ParsePromptsOptions {
  /** For messages, and by its suffix the format: .txt, .jsonl, .json. */
  readonly file: string
  /** Keep those of one language. Default: all. */
  readonly language?: PromptLanguage
  /** Lines at most, from the first. */
  readonly limit?: number
}

/** Each line's captions. */
type Line = Partial<Record<PromptLanguage, string>>

/**
 * Reads captions: text with one a line; JSON lines with `en`, `zh` or both (`prompt` or `caption` where the language can be
 * seen); or COCO's captions with `annotations`, of which each picture's first counts, as in the usual protocol.
 * @throws FileFormatError naming the file and the line
 */
export function parsePrompts(text: string, { file, language, limit }: ParsePromptsOptions): EvalPrompt[] {
  const lines = linesOf(text.replace(/^\ufeff/, ''), file)
  const prompts = lines
    .slice(0, limit)
    .flatMap((line, index) =>
      promptLanguages.flatMap(one => (line[one] === undefined ? [] : [{ index, language: one, text: line[one] }])),
    )
    .filter(prompt => language === undefined || prompt.language === language)
  if (prompts.length === 0)
    throw new FileFormatError({
      file,
      message: language === undefined ? 'has no captions' : `has no captions in ${language}`,
      hint: 'Captions are one a line (.txt), {"en": ..., "zh": ...} a line (.jsonl), or COCO\'s captions (.json).',
    })
  return prompts
}

function linesOf(text: string, file: string): Line[] {
  if (/\.jsonl$/i.test(file)) return textLines(text).map(({ line, number }) => fromJson(line, number, file))
  if (/\.json$/i.test(file)) return fromCoco(text, file)
  return textLines(text).map(({ line }) => spoken(line))
}

function textLines(text: string): { line: string; number: number }[] {
  return text
    .split(/\r?\n/)
    .map((line, i) => ({ line: line.trim(), number: i + 1 }))
    .filter(({ line }) => line !== '')
}

const spoken = (caption: string): Line => ({ [languageOf(caption) === 'zh' ? 'zh' : 'en']: caption })

function fromJson(line: string, number: number, file: string): Line {
  const broken = (message: string, cause?: unknown): never => {
    throw new FileFormatError({ file, message: `line ${number}: ${message}`, ...(cause !== undefined && { cause }) })
  }
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch (cause) {
    return broken('is not JSON', cause)
  }
  const fields = Object(json) as Record<string, unknown>
  const caption = (name: string): string | undefined => {
    const value = fields[name]
    if (value === undefined) return undefined
    if (typeof value !== 'string' || value.trim() === '') return broken(`${name} is no text`)
    return value.trim()
  }
  const [en, zh, plain] = [caption('en'), caption('zh'), caption('prompt') ?? caption('caption')]
  if (en === undefined && zh === undefined)
    return plain === undefined ? broken('has none of en, zh, prompt, caption') : spoken(plain)
  return { ...(en !== undefined && { en }), ...(zh !== undefined && { zh }) }
}

function fromCoco(text: string, file: string): Line[] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new FileFormatError({ file, message: 'is not JSON', cause })
  }
  const { annotations } = Object(json) as { annotations?: unknown }
  if (!Array.isArray(annotations))
    throw new FileFormatError({
      file,
      message: 'has no list of annotations',
      hint: "It should be COCO's captions, such as captions_val2014.json.",
    })
  const first = new Map<unknown, Line>()
  for (const [i, annotation] of annotations.entries()) {
    const { image_id: picture, caption } = Object(annotation) as { image_id?: unknown; caption?: unknown }
    if (picture === undefined || typeof caption !== 'string')
      throw new FileFormatError({ file, message: `annotations[${i}] has no image_id or no caption` })
    if (!first.has(picture) && caption.trim() !== '') first.set(picture, spoken(caption.trim()))
  }
  return [...first.values()]
}
