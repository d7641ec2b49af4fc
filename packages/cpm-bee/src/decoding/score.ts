import { InvalidArgumentError } from '@viscpm/core'
import type { PackedBatch } from '@viscpm/tokenizer'
import type { DecodeRow, LanguageModel } from '../engine.js'
import { AnswerSlots, type AnswerState } from './answer-state.js'
import { LogitRow } from './logit-row.js'
import type { DecodeInputs } from './options.js'
import { checkInputs, drain, withGeneration } from './run.js'

/**
 * How likely answers are that were given, not generated (teacher forcing): the prompt is read once, then all tokens of all
 * answers go through the model in one step, where beginnings that answers share are fed once.
 * @param sample row of the batch; its first answer slot is filled
 * @param answers ids as decoding gives them (vocabulary size + column for the ext table), with or without the closing `</s>`
 * @returns for each answer the natural logarithm of every id's probability after those before it, in float32, under the
 * distribution that decoding draws from without penalty or temperature: ids that the sample may not say have none
 * @throws InvalidArgumentError for an empty answer, an id that there is not, or a `</s>` that is not the last
 * @throws NonFiniteError when the model gives NaN; the signal's reason when aborted
 */
export async function scoreAnswers(
  model: LanguageModel,
  batch: PackedBatch,
  sample: number,
  answers: readonly (readonly number[])[],
  inputs: DecodeInputs,
): Promise<Float32Array[]> {
  checkInputs(batch, inputs)
  const slots = new AnswerSlots(batch, sample, model.vocabSize, inputs.tokens)
  for (const [i, ids] of answers.entries()) checkAnswer(ids, i, slots)
  if (answers.length === 0) return []
  const { rows, rowOf } = tree(answers, slots)
  const scoring = withGeneration(model, batch, sample, slots.width, inputs, async function* (step) {
    const logits = await step(rows)
    const row = new LogitRow(slots.width)
    return answers.map((ids, a) =>
      Float32Array.from(ids, (id, token) => {
        row.load(logits, rowOf[a]![token]!)
        row.block(slots.blocked)
        row.normalise(`answer ${a}, token ${token}`)
        return row.logProb(id)
      }),
    )
  })
  return drain(scoring)
}

function checkAnswer(ids: readonly number[], answer: number, { width, tokens, blocked }: AnswerSlots): void {
  const bad = ids.find(
    (id, i) => !(id >= 0 && id < width) || blocked.includes(id) || (id === tokens.eosId && i + 1 < ids.length),
  )
  if (ids.length > 0 && bad === undefined) return
  throw new InvalidArgumentError({
    argument: 'answers',
    message: `answer ${answer} ${bad === undefined ? 'is empty' : `cannot hold id ${bad} where it stands`}`,
  })
}

/** The tokens to feed: of each answer `<s>` and all ids but the last. `rowOf`: the row that predicts each id. */
function tree(
  answers: readonly (readonly number[])[],
  slots: AnswerSlots,
): { rows: DecodeRow[]; rowOf: readonly (readonly number[])[] } {
  const rows: DecodeRow[] = []
  const known = new Map<string, number>()
  const add = (state: AnswerState, before: number): number => {
    const key = `${before} ${state.node.id}`
    const found = known.get(key) ?? rows.length
    if (found === rows.length) {
      rows.push(before < 0 ? slots.row(state, -1) : { ...slots.row(state, before), sameStep: true })
      known.set(key, found)
    }
    return found
  }
  const rowOf = answers.map(ids => {
    let state = slots.start()
    let at = -1
    return ids.map(id => {
      at = add(state, at)
      state = slots.extend(state, id, 0)
      return at
    })
  })
  return { rows, rowOf }
}
