import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  AnswerText,
  type ConvertedData,
  type CpmBeeTokenizer,
  collatePaint,
  convertDataToIds,
  type PackedBatch,
  type PackedSample,
  type PackValue,
  type PaintBatch,
  packBatch,
  packSample,
  paintItem,
  relToBucket,
  type TableStates,
} from '@viscpm/tokenizer'
import type { SetResult } from '../result.js'
import {
  difference,
  exactSet,
  failsLike,
  fieldDifference,
  type Json,
  parseOrdered,
  type RecordedError,
} from './exact.js'
import { foldersOf, loadTokenizer, readLines } from './vocabularies.js'

/** A recorded row: its fields with objects as Maps in file order. */
type Row = ReadonlyMap<string, Json>

const field = (row: Row, name: string): Json => row.get(name) ?? null
const rowName = (row: Row, index: number): string => String(row.get('id') ?? index)
const asError = (value: Json): RecordedError => Object.fromEntries(value as Row) as unknown as RecordedError
const fieldsOf = (value: Json): Record<string, Json> => Object.fromEntries(value as Row)

/** Recorded inputs hold what upstream was given, wrong values included. */
const asInput = (value: Json): PackValue => value as PackValue

/** A recorded tensor `{dtype, shape, data}` flattened, with its shape. */
function tensorOf(value: Json): { shape: Json; data: Json } {
  const row = value as Row
  return { shape: field(row, 'shape'), data: (field(row, 'data') as Json[]).flat(4) }
}

/** First difference between our tensors, given as [data, shape], and recorded ones. */
function tensorDifference(ours: Record<string, [data: unknown, shape: number[]]>, recorded: Json): string | undefined {
  for (const [name, [data, shape]] of Object.entries(ours)) {
    const expected = tensorOf(field(recorded as Row, name))
    const found = difference(shape, expected.shape, `${name}.shape`) ?? difference(data, expected.data, name)
    if (found !== undefined) return found
  }
  return undefined
}

function convertedFields(data: ConvertedData, { extTable, tokenIdTable }: TableStates): Record<string, unknown> {
  return {
    ids: data.ids,
    id_subs: data.idSubs,
    context: data.context,
    segment_ids: data.segmentIds,
    segment_rel: data.segmentRel,
    n_segments: data.numSegments,
    table_states: [
      ['ext_table', extTable],
      ['token_id_table', tokenIdTable],
    ],
    image_bound: data.imageBound,
    image_bound_shape: data.imageBound.length === 0 ? [0] : [data.imageBound.length, 2],
  }
}

function checkConvert(tokenizer: CpmBeeTokenizer, row: Row): string | undefined {
  const maxDepth = field(row, 'max_depth') as number | null
  const convert = () => convertDataToIds(tokenizer, asInput(field(row, 'input')), maxDepth === null ? {} : { maxDepth })
  if (row.has('error')) return failsLike(convert, asError(field(row, 'error')))
  const data = convert()
  return fieldDifference(convertedFields(data, data.tableStates), fieldsOf(row))
}

function checkChain(tokenizer: CpmBeeTokenizer, rows: readonly Row[]): string | undefined {
  let previous: TableStates = { extTable: new Map(), tokenIdTable: new Map() }
  for (const [index, row] of rows.entries()) {
    const data = convertDataToIds(tokenizer, asInput(field(row, 'input')), { previous })
    const found = fieldDifference(convertedFields(data, data.tableStates), fieldsOf(row), `call ${index}: `)
    if (found !== undefined) return found
    previous = data.tableStates
  }
  return undefined
}

function sampleFields(sample: PackedSample): Record<string, unknown> {
  return {
    input_ids: sample.inputIds,
    input_id_subs: sample.inputIdSubs,
    input_pos: sample.inputPos,
    context: sample.context,
    segment_ids: sample.segmentIds,
    segment_rel_offset: sample.segmentRelOffset,
    segment_rel: sample.segmentRel,
    sample_ids: sample.sampleIds,
    num_segments: sample.numSegments,
    predict_segments: sample.predictSegments,
    answer_placeholders: sample.answerPlaceholders,
    ext_table: sample.extTable,
    token_id_table: sample.tokenIdTable,
    image_bound: sample.imageBound,
  }
}

function batchTensors(batch: PackedBatch): Record<string, [unknown, number[]]> {
  const shape = [batch.batch, batch.length]
  // Upstream keeps the bounds of the last sample only.
  const bounds = batch.imageBounds.at(-1)!
  return {
    input_ids: [batch.inputIds, shape],
    input_id_subs: [batch.inputIdSubs, shape],
    input_pos: [batch.inputPos, shape],
    context: [batch.context, shape],
    sample_idx: [batch.sampleIds, shape],
    num_segments: [batch.numSegments, shape],
    segment_ids: [batch.segmentIds, shape],
    segment_rel_offset: [batch.segmentRelOffset, shape],
    segment_rel: [batch.segmentRel, [batch.batch, batch.segmentRelLength]],
    batch_ext_table_ids: [batch.extTableIds, [batch.extTableIds.length]],
    batch_ext_table_sub: [batch.extTableSub, [batch.extTableSub.length]],
    image_bound: [bounds.flat(), bounds.length === 0 ? [1, 0] : [1, bounds.length, 2]],
  }
}

function checkChat(tokenizer: CpmBeeTokenizer, row: Row): string | undefined {
  const inputs = (field(row, 'inputs') as Json[]).map(asInput)
  const maxInputLength = field(row, 'max_inp_length') as number | null
  const options = { parity: true, ...(maxInputLength === null ? {} : { maxInputLength }) }
  if (row.has('error')) return failsLike(() => packBatch(tokenizer, inputs, options), asError(field(row, 'error')))

  const singles = field(row, 'singles') as Json[]
  for (const [index, input] of inputs.entries()) {
    const sample = sampleFields(packSample(tokenizer, input, options))
    const found = fieldDifference(sample, fieldsOf(singles[index]!), `single ${index}: `)
    if (found !== undefined) return found
  }
  const batch = packBatch(tokenizer, inputs, options)
  const found = tensorDifference(batchTensors(batch), field(row, 'padded'))
  if (found !== undefined) return found
  for (const [index, other] of (field(row, 'other_info') as Json[]).entries()) {
    const sample = batch.samples[index]!
    const ours = {
      predict_segments: sample.predictSegments,
      answer_placeholders: sample.answerPlaceholders,
      ext_table: batch.extTexts[index],
    }
    const different = fieldDifference(ours, fieldsOf(other), `other_info ${index}: `)
    if (different !== undefined) return different
  }
  return undefined
}

function paintTensors(batch: PaintBatch): Record<string, [unknown, number[]]> {
  const shape = [batch.batch, batch.maxLength]
  const bounds = batch.imageBounds
  const images = bounds[0]!.length
  return {
    input_ids: [batch.inputIds, shape],
    input_id_subs: [batch.inputIdSubs, shape],
    context: [[...batch.context].map(visible => visible === 1), shape],
    segment_ids: [batch.segmentIds, shape],
    segment_rel_offset: [batch.segmentRelOffset, shape],
    segment_rel: [batch.segmentRel, [batch.batch, batch.segmentRelLength]],
    sample_ids: [batch.sampleIds, shape],
    num_segments: [batch.numSegments, shape],
    span: [batch.span, shape],
    target: [batch.target, shape],
    length: [batch.length, [batch.batch]],
    ext_table_ids: [batch.extTableIds, [batch.extTableIds.length]],
    ext_table_sub: [batch.extTableSub, [batch.extTableSub.length]],
    image_bound: [bounds.flat(2), images === 0 ? [batch.batch, 0] : [batch.batch, images, 2]],
  }
}

function checkPaint(tokenizer: CpmBeeTokenizer, row: Row): string | undefined {
  const check = (prompts: readonly string[], recorded: string) => {
    const items = prompts.map(prompt => paintItem(tokenizer, prompt))
    const batch = collatePaint(tokenizer, items, { maxLength: field(row, 'max_len') as number })
    const expected = field(row, recorded)
    // Upstream extends a list with a string, which leaves its characters.
    const characters = batch.rawData.flatMap(text => [...text])
    return (
      tensorDifference(paintTensors(batch), expected) ??
      difference(characters, field(expected as Row, 'raw_data'), 'raw_data')
    )
  }
  if (row.has('prompts')) return check(field(row, 'prompts') as string[], 'data')
  const negative = (field(row, 'negative_prompt') ?? '') as string
  return check([field(row, 'prompt') as string], 'data') ?? check([negative], 'uncond_data')
}

function readRows(file: string): Row[] {
  return readLines(file).map(line => parseOrdered(line) as Row)
}

/** Answers of the recorded generations: the text of their ids, put back into their inputs. */
function checkAnswers(tokenizer: CpmBeeTokenizer, row: Row): string | undefined {
  const kind = field(row, 'kind')
  const recorded = field(row, 'result_ids') as unknown as [number, number][][]
  const filled = field(row, 'result') as Row[] | null
  // Before its answer was filled in, every recorded result was the input.
  const inputs = (
    kind === 'generate' ? filled!.map(data => new Map([...data, ['<ans>', '']])) : field(row, 'inputs')
  ) as PackValue[]
  const maxInputLength = field(row, 'max_inp_length') as number | null
  const batch = packBatch(tokenizer, inputs, { parity: true, ...(maxInputLength === null ? {} : { maxInputLength }) })
  for (const [index, input] of inputs.entries()) {
    const answer = AnswerText.read(tokenizer, input, recorded[index]!, { extTable: batch.extTexts[index]!, raw: true })
    const found =
      kind === 'generate'
        ? difference(AnswerText.fill(input, answer.value), filled![index], 'result')
        : answerDifference(answer, batch.samples[index]!, (field(row, 'answers') as Row[][])[index]!)
    if (found !== undefined) return found
  }
  return undefined
}

/** Recorded answers name their slot; slots that were not reached are missing. */
function answerDifference(answer: AnswerText, sample: PackedSample, recorded: readonly Row[]): string | undefined {
  const ours = answer.texts.flatMap((text, slot) =>
    text === null ? [] : [{ ans_id: slot + 1, path: sample.answerPlaceholders[slot], text }],
  )
  return difference(
    ours.map(slot => Object.entries(slot)),
    recorded.map(slot => [...slot]),
    'answers',
  )
}

function runRelations(goldensDir: string): SetResult[] {
  const file = join(goldensDir, 'packing', 'rel-to-bucket.json')
  if (!existsSync(file)) return []
  const { rows } = JSON.parse(readFileSync(file, 'utf8')) as { rows: [number, number, number, number][] }
  const name = ([up, down, maxDepth]: number[]) => `up ${up}, down ${down}, depth ${maxDepth}`
  return [
    exactSet('packing/rel-to-bucket', rows, name, ([up, down, maxDepth, bucket]) =>
      difference(relToBucket(up, down, maxDepth), bucket, 'bucket'),
    ),
  ]
}

/** Every case under `packing/`, for each vocabulary found there, and the answers recorded under `generation/`. */
export async function runPacking(goldensDir: string): Promise<SetResult[]> {
  const results = runRelations(goldensDir)
  for (const folder of foldersOf(join(goldensDir, 'packing'))) {
    const tokenizer = loadTokenizer(goldensDir, folder)
    const file = (name: string) => join(goldensDir, 'packing', folder, name)
    const run = (name: string, check: (tokenizer: CpmBeeTokenizer, row: Row) => string | undefined) =>
      results.push(
        exactSet(`packing/${folder}/${name}`, readRows(file(`${name}.jsonl`)), rowName, row => check(tokenizer, row)),
      )
    run('convert', checkConvert)
    run('chat-collate', checkChat)
    run('paint-collate', checkPaint)
    const chain = existsSync(file('convert-chain.json'))
      ? [parseOrdered(readFileSync(file('convert-chain.json'), 'utf8')) as Row[]]
      : []
    results.push(
      exactSet(
        `packing/${folder}/convert-chain`,
        chain,
        () => 'chain',
        rows => checkChain(tokenizer, rows),
      ),
    )
  }
  const generations = readRows(join(goldensDir, 'generation', 'cases.jsonl')).filter(row => row.has('result_ids'))
  if (generations.length > 0) {
    const tokenizer = loadTokenizer(goldensDir, 'tiny-vocab')
    results.push(exactSet('packing/answers', generations, rowName, row => checkAnswers(tokenizer, row)))
  }
  return results
}
