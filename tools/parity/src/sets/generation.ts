import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isVisCPMError } from '@viscpm/core'
import { type BeamOptions, beamSearch } from '@viscpm/cpm-bee'
import { AnswerText, type PackValue, packBatch } from '@viscpm/tokenizer'
import type { SetResult } from '../result.js'
import { Tally } from '../tally.js'
import { difference, type Json, parseOrdered, type RecordedError } from './exact.js'
import { GenerationModel, upstreamBatchImages } from './generation-model.js'
import { compareSearch, type RecordedSearch, StepTrace, scoreTolerance } from './generation-steps.js'
import { runGenerationUnits } from './generation-units.js'
import { readLines } from './vocabularies.js'

type Row = ReadonlyMap<string, Json>
type Kwargs = Readonly<Record<string, number | null>>

const optionOf: Readonly<Record<string, keyof BeamOptions>> = {
  beam_size: 'beamSize',
  max_length: 'maxLength',
  repetition_penalty: 'repetitionPenalty',
  repetition_window: 'repetitionWindow',
  length_penalty: 'lengthPenalty',
  temperature: 'temperature',
}
/** What VisCPMChat.chat passes. */
const chatKwargs: Kwargs = {
  max_length: 512,
  beam_size: 3,
  temperature: 0.7,
  repetition_penalty: 1.1,
  length_penalty: 3,
}
const chatMaxInputLength = 3000

function beamOptions(kwargs: Kwargs): BeamOptions {
  const given = Object.entries(kwargs).filter(([, value]) => value !== null)
  return Object.fromEntries(
    given.map(([name, value]) => {
      const option = optionOf[name]
      if (!option) throw new Error(`the recorded option ${name} is not known`)
      return [option, value]
    }),
  )
}

/** JSON with objects again, where key order does not matter. */
function plain<T>(value: Json | undefined): T {
  if (Array.isArray(value)) return value.map(plain) as T
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, child]) => [key, plain(child)])) as T
  return value as T
}

interface SearchCase {
  readonly inputs: readonly PackValue[]
  /** Picture of row 0, where there are pictures. */
  readonly picture?: string
  readonly savedStates?: string | undefined
  readonly maxInputLength: number | null
  readonly kwargs: Kwargs
  readonly recorded: RecordedSearch
}

interface Outcome {
  readonly problem: string | undefined
  readonly worst: number
  /** Undefined when the search left the recorded path at a near tie. */
  readonly answers?: AnswerText[]
}

async function search(m: GenerationModel, item: SearchCase): Promise<Outcome> {
  const { maxInputLength } = item
  const options = { parity: true, ...(maxInputLength !== null && { maxInputLength }) }
  const packed = packBatch(m.tokenizer, item.inputs, options)
  const { batch, vision } =
    item.picture === undefined
      ? { batch: packed, vision: undefined }
      : upstreamBatchImages(packed, await m.vision(item.picture, item.savedStates))
  const trace = new StepTrace()
  const decoded = await beamSearch(m.model, batch, {
    ...beamOptions(item.kwargs),
    tokens: m.tokenizer,
    onStep: trace.onStep,
    ...(vision && { vision }),
  })
  const { problem, worst, tie } = compareSearch(trace, decoded, item.recorded)
  if (tie) return { problem: undefined, worst: 0 }
  const answers = decoded.map(({ tokens }, row) => {
    const predicted = tokens.map(token => [token.id, token.answer] as const)
    return AnswerText.read(m.tokenizer, item.inputs[row]!, predicted, { extTable: batch.extTexts[row]!, raw: true })
  })
  return { problem, worst, answers }
}

/** The input that upstream makes of a picture and what the caller adds. */
function pictureInput(m: GenerationModel, extra: Iterable<readonly [string, PackValue]>): PackValue {
  return new Map<string, PackValue>([['image', '<unk>'.repeat(m.queryNum)], ...extra, ['<ans>', '']])
}

async function checkGenerate(m: GenerationModel, row: Row): Promise<Outcome> {
  const pictures = row.get('images') as string[]
  const extra = (row.get('extra_inp_dict') ?? new Map()) as ReadonlyMap<string, PackValue>
  const inputs = pictures.map(() => pictureInput(m, extra))
  const run = (): Promise<Outcome> =>
    search(m, {
      inputs,
      picture: pictures[0]!,
      savedStates: row.get('vision_hidden_states_from') as string | undefined,
      maxInputLength: row.get('max_inp_length') as number | null,
      kwargs: plain(row.get('kwargs')),
      recorded: plain(new Map(row)),
    })
  const error = row.get('error')
  if (error !== undefined) return { problem: await failsLike(run, plain(error)), worst: 0 }
  const { problem, worst, answers } = await run()
  const filled = answers?.map((answer, i) => AnswerText.fill(inputs[i]!, answer.value))
  return { problem: problem ?? (filled && difference(filled, row.get('result'), 'result')), worst }
}

async function failsLike(
  action: () => Promise<unknown>,
  { type, message }: RecordedError,
): Promise<string | undefined> {
  const error = await action().then(
    () => undefined,
    (cause: unknown) => cause,
  )
  if (error === undefined) return `gave an answer, expected the error "${message}"`
  if (!isVisCPMError(error)) return `threw ${String(error)} instead of a typed error`
  // Upstream's only assertion here is that the penalty is at least 1.
  const meaning = type === 'AssertionError' ? 'repetitionPenalty' : message
  return error.message.includes(meaning) ? undefined : `failed with "${error.message}", expected "${message}"`
}

async function checkTextDecode(m: GenerationModel, row: Row): Promise<Outcome> {
  const { problem, worst, answers } = await search(m, {
    inputs: row.get('inputs') as PackValue[],
    maxInputLength: null,
    kwargs: plain(row.get('kwargs')),
    recorded: plain(new Map(row)),
  })
  // Slots that were not reached are not recorded.
  const texts = answers?.map(({ texts }) => texts.flatMap((text, i) => (text === null ? [] : [[i + 1, text]])))
  const recorded = plain<{ ans_id: number; text: string }[][]>(row.get('answers'))
  const expected = recorded.map(list => list.map(({ ans_id, text }) => [ans_id, text]))
  return { problem: problem ?? (texts && difference(texts, expected, 'answers')), worst }
}

interface Turn {
  readonly question: string
  readonly context_in: string
  readonly answer: string
  readonly context_out: string
  readonly result_ids: RecordedSearch['result_ids'][number]
  readonly score: number
  readonly n_steps: number
  readonly steps: RecordedSearch['steps']
  readonly min_gap: number
}

/** Every turn starts from its recorded context, so that one turn's near tie does not spoil the next. */
async function checkChat(m: GenerationModel, row: Row): Promise<Outcome> {
  let worst = 0
  for (const [i, turn] of plain<Turn[]>(row.get('turns')).entries()) {
    const { question, context_in, context_out } = turn
    const outcome = await search(m, {
      inputs: [
        pictureInput(m, [
          ['context', context_in],
          ['question', question],
        ]),
      ],
      picture: row.get('image') as string,
      maxInputLength: chatMaxInputLength,
      kwargs: chatKwargs,
      recorded: { ...turn, result_ids: [turn.result_ids], scores: [turn.score] },
    })
    worst = Math.max(worst, outcome.worst)
    const text = outcome.answers?.[0]?.texts[0]
    const context = `${context_in}User: ${question}\nAI: ${text}\n`
    const problem =
      outcome.problem ??
      (outcome.answers && (difference(text, turn.answer, 'answer') ?? difference(context, context_out, 'context')))
    if (problem) return { problem: `turn ${i}: ${problem}`, worst }
  }
  return { problem: undefined, worst }
}

const checks: Readonly<Record<string, (m: GenerationModel, row: Row) => Promise<Outcome>>> = {
  generate: checkGenerate,
  chat: checkChat,
  'text-decode': checkTextDecode,
}

/** Every recorded search, with the model read from every form of its checkpoint. */
export async function runGeneration(goldens: string): Promise<SetResult[]> {
  const rows = readLines(join(goldens, 'generation', 'cases.jsonl')).map(line => parseOrdered(line) as Row)
  const { model } = JSON.parse(readFileSync(join(goldens, 'generation', 'meta.json'), 'utf8')) as { model: string }
  const files = readdirSync(join(goldens, 'checkpoints', model)).filter(file => /\.(pt|bin|safetensors)$/.test(file))
  const results = runGenerationUnits(goldens)
  for (const file of files.sort()) {
    const m = await GenerationModel.load(goldens, file)
    for (const [kind, check] of Object.entries(checks)) {
      const tally = new Tally(`generation/${kind}/${file}`, scoreTolerance)
      for (const row of rows.filter(row => row.get('kind') === kind)) {
        const id = String(row.get('id'))
        try {
          const { problem, worst } = await check(m, row)
          if (problem === undefined) tally.add(id, { score: [worst, scoreTolerance] })
          else tally.check(id, problem)
        } catch (error) {
          tally.check(id, `threw ${String(error)}`)
        }
      }
      results.push(tally.result())
    }
    await m.dispose()
  }
  return results
}
