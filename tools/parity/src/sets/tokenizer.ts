import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CpmBeeTokenizer, escapeText, unescapeText } from '@viscpm/tokenizer'
import type { SetResult } from '../result.js'
import { difference, exactSet, failsLike, fieldDifference, type RecordedError } from './exact.js'
import { foldersOf, loadTokenizer, readLines } from './vocabularies.js'

type Table = [id: number, text: string][]

interface TextCase {
  readonly id: string
  readonly input: string
  readonly error?: RecordedError
  readonly past_table?: Table
  readonly tokens: unknown
  readonly ids: number[]
  readonly ext_table: Table
  readonly decoded: string
  readonly decoded_no_ext: { text?: string; error?: RecordedError }
  readonly escaped_input: string
  readonly unescaped: string
}

interface DecodeCase {
  readonly id: string
  readonly ids: number[]
  readonly ext_table?: Table
  readonly decoded: string
  readonly error?: RecordedError
}

interface Info {
  readonly vocab_size: number
  readonly max_word_len: number
  readonly unk_id: number
  readonly mask_id: number
  readonly bos_id: number
  readonly eos_id: number
  readonly newline_id: number
  readonly space_id: number
  readonly special_tokens: Record<string, number>
}

function checkText(tokenizer: CpmBeeTokenizer, item: TextCase): string | undefined {
  if (item.error) return failsLike(() => tokenizer.encode(item.input), item.error)
  const { ids, extTable } = tokenizer.encode(item.input, new Map(item.past_table))
  const tokens = tokenizer
    .tokenize(item.input)
    .map(token => [token.text, token.start, token.isUnknown, token.isSpecial])
  const decoded = tokenizer.decode(ids, extTable)
  const found = fieldDifference(
    {
      tokens,
      ids,
      ext_table: extTable,
      decoded,
      escaped_input: escapeText(item.input),
      unescaped: unescapeText(decoded),
    },
    item,
  )
  if (found !== undefined) return found
  const { error, text } = item.decoded_no_ext
  if (error) return failsLike(() => tokenizer.decode(ids), error)
  return difference(tokenizer.decode(ids), text, 'decoded_no_ext')
}

function checkDecode(tokenizer: CpmBeeTokenizer, item: DecodeCase): string | undefined {
  const decode = () => tokenizer.decode(item.ids, new Map(item.ext_table))
  return item.error ? failsLike(decode, item.error) : difference(decode(), item.decoded, 'decoded')
}

function checkInfo(tokenizer: CpmBeeTokenizer, info: Info): string | undefined {
  return fieldDifference(
    {
      vocab_size: tokenizer.vocabSize,
      max_word_len: tokenizer.maxTokenLength,
      unk_id: tokenizer.unkId,
      mask_id: tokenizer.maskId,
      bos_id: tokenizer.bosId,
      eos_id: tokenizer.eosId,
      newline_id: tokenizer.newlineId,
      space_id: tokenizer.spaceId,
      special_tokens: tokenizer.specialTokens,
    },
    { ...info, special_tokens: Object.entries(info.special_tokens) },
  )
}

/** Every case under `tokenizer/`, for each vocabulary found there. */
export async function runTokenizer(goldensDir: string): Promise<SetResult[]> {
  return foldersOf(join(goldensDir, 'tokenizer')).flatMap(folder => {
    const tokenizer = loadTokenizer(goldensDir, folder)
    const file = (name: string) => join(goldensDir, 'tokenizer', folder, name)
    const texts = readLines(file('cases.jsonl')).map(line => JSON.parse(line) as TextCase)
    const decodes = readLines(file('decode.jsonl')).map(line => JSON.parse(line) as DecodeCase)
    const infos = existsSync(file('info.json')) ? [JSON.parse(readFileSync(file('info.json'), 'utf8')) as Info] : []
    return [
      exactSet(
        `tokenizer/${folder}/cases`,
        texts,
        ({ id }) => id,
        item => checkText(tokenizer, item),
      ),
      exactSet(
        `tokenizer/${folder}/decode`,
        decodes,
        ({ id }) => id,
        item => checkDecode(tokenizer, item),
      ),
      exactSet(
        `tokenizer/${folder}/info`,
        infos,
        () => 'info',
        info => checkInfo(tokenizer, info),
      ),
    ]
  })
}
