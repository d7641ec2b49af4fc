import { failConfig, type JsonObject, jsonObject, oneOf } from './json.js'

/** Options of BERT's tokenizer, with transformers' defaults. */
export interface BertTokenizerConfig {
  readonly lowerCase: boolean
  /** Remove accents; undefined: when lower-casing. */
  readonly stripAccents: boolean | undefined
  /** Make every CJK ideograph a word of its own. */
  readonly isolateIdeographs: boolean
  readonly cls: string
  readonly sep: string
  readonly pad: string
  readonly unk: string
  readonly mask: string
}

export const bertTokenizerDefaults: BertTokenizerConfig = {
  lowerCase: true,
  stripAccents: undefined,
  isolateIdeographs: true,
  cls: '[CLS]',
  sep: '[SEP]',
  pad: '[PAD]',
  unk: '[UNK]',
  mask: '[MASK]',
}

/** A special token is written as text, or as an object with its text and flags, none of which BERT's tokens set. */
function specialToken(json: JsonObject, field: string, usual: string): string {
  const value = json[field] ?? usual
  if (typeof value === 'string' && value !== '') return value
  const token = jsonObject(value, field)
  for (const flag of ['lstrip', 'rstrip', 'single_word', 'normalized'])
    oneOf(token[flag] ?? false, [false], `${field}.${flag}`)
  if (typeof token.content !== 'string' || token.content === '')
    failConfig(`${field}.content`, 'a text is needed', token.content)
  return token.content
}

function flag(json: JsonObject, field: string, usual: boolean): boolean {
  return oneOf(json[field] ?? usual, [true, false], field)
}

/** @throws ConfigError for tokens beyond the five usual ones: ids would be shifted by them. */
function checkAddedTokens(json: JsonObject, known: readonly string[]): void {
  const more = [
    ...(Array.isArray(json.additional_special_tokens) ? json.additional_special_tokens : []),
    ...Object.values(jsonObject(json.added_tokens_decoder ?? {}, 'added_tokens_decoder')),
  ].map(token => (typeof token === 'string' ? token : (token as { content?: unknown } | null)?.content))
  const other = more.findIndex(token => !known.includes(token as string))
  if (other >= 0)
    failConfig(
      'added_tokens_decoder',
      `special tokens other than ${known.join(' ')} are not supported`,
      more[other] ?? null,
    )
}

/**
 * Reads transformers' `tokenizer_config.json` of a BERT tokenizer.
 * @throws ConfigError naming the field that is wrong or not supported.
 */
export function parseTokenizerConfig(json: unknown): BertTokenizerConfig {
  const all = jsonObject(json, 'tokenizer_config')
  oneOf(all.tokenizer_class ?? 'BertTokenizer', ['BertTokenizer', 'BertTokenizerFast'], 'tokenizer_class')
  const usual = bertTokenizerDefaults
  const config: BertTokenizerConfig = {
    lowerCase: flag(all, 'do_lower_case', usual.lowerCase),
    stripAccents: all.strip_accents == null ? undefined : flag(all, 'strip_accents', true),
    isolateIdeographs: flag(all, 'tokenize_chinese_chars', usual.isolateIdeographs),
    cls: specialToken(all, 'cls_token', usual.cls),
    sep: specialToken(all, 'sep_token', usual.sep),
    pad: specialToken(all, 'pad_token', usual.pad),
    unk: specialToken(all, 'unk_token', usual.unk),
    mask: specialToken(all, 'mask_token', usual.mask),
  }
  checkAddedTokens(all, [config.cls, config.sep, config.pad, config.unk, config.mask])
  return config
}
