import type { TaskOptions } from '@viscpm/core'
import { machineMemory } from '@viscpm/core/node'
import { promptInput, type VisionRows } from '@viscpm/cpm-bee'
import { collatePaint, escapeText, paintItem } from '@viscpm/tokenizer'
import { compareAnswers } from './answers.js'
import type { ConvertedCard, ReportRequest, SkippedPart, SkipReason } from './card.js'
import { compareSpeech, LayerErrors } from './layers.js'
import { type Prompts, promptsFor } from './prompts.js'
import { paintingPrompts } from './questions.js'
import { Speaker } from './speaker.js'

/** The parts of a card that the language model makes. */
export type SpokenCard = Pick<ConvertedCard, 'layers' | 'logits' | 'answers' | 'skipped'>

/** Checkpoints above this are asked less, and loaded part by part. */
export const largeBytes: number = 2 * 2 ** 30
const questionsOfLarge = 8

const skipped = (reason: SkipReason, ...parts: SkippedPart[]): SpokenCard['skipped'] =>
  parts.map(part => ({ part, reason }))

/** What reads and answers of one model. */
interface Spoken {
  readonly seen: readonly (readonly VisionRows[])[]
  /** undefined where the model does not fit into memory. */
  readonly answers: readonly (readonly (readonly number[])[])[] | undefined
}

/** Runs the language models of a source and of each folder made of it, one after another. */
export async function measureSpeech(
  source: string,
  folders: readonly string[],
  request: ReportRequest,
  task: TaskOptions,
): Promise<SpokenCard[]> {
  const { vocabulary, config, threads, questions } = request
  const session = { ...(threads !== undefined && { threads }) }
  const place = { ...(vocabulary !== undefined && { vocabulary }), ...(config !== undefined && { config }) }
  const speaker = await Speaker.open(source, { ...place, ...session })
  const cards: SpokenCard[] = []
  try {
    const { report, weights } = speaker.opened
    const paints = report.kind === 'viscpm-paint'
    if (paints && !weights.keys().some(key => key.startsWith('llm.')))
      return folders.map(() => ({ skipped: skipped('parts', 'layers', 'logits', 'answers') }))
    const groups = paints
      ? []
      : await promptsFor(speaker, questions ?? (report.nbytes > largeBytes ? questionsOfLarge : undefined))
    if (!groups) return folders.map(() => ({ skipped: skipped('parts', 'layers', 'logits', 'answers') }))
    const own = await speak(speaker, groups, task)
    for (const folder of folders) {
      const other = await Speaker.open(folder, { ...place, ...session })
      try {
        cards.push(paints ? await readPrompts(speaker, other, task) : await compared(speaker, other, groups, own, task))
      } finally {
        await other.close()
      }
    }
    return cards
  } finally {
    await speaker.close()
  }
}

async function speak(speaker: Speaker, groups: readonly Prompts[], task: TaskOptions): Promise<Spoken> {
  const seen: VisionRows[][] = []
  for (const { images } of groups) seen.push(images.length > 0 ? await speaker.see(images, task) : [])
  const fits = machineMemory().free > speaker.residentBytes
  return { seen, answers: groups.length > 0 && fits ? await speaker.answer(groups, seen, task) : undefined }
}

async function compared(
  speaker: Speaker,
  other: Speaker,
  groups: readonly Prompts[],
  own: Spoken,
  task: TaskOptions,
): Promise<SpokenCard> {
  const { seen, answers } = await speak(other, groups, task)
  const read = own.answers ?? answers
  if (!read) return { skipped: skipped('memory', 'layers', 'logits', 'answers') }
  const of = own.answers ? 'source' : 'converted'
  return {
    ...(await compareSpeech([speaker, other], groups, read, [own.seen, seen], of, task)),
    ...(own.answers && answers && { answers: compareAnswers(speaker, groups, own.answers, answers) }),
    skipped: own.answers && answers ? [] : skipped('memory', 'answers'),
  }
}

/** A painter's language model reads, and says nothing. */
async function readPrompts(speaker: Speaker, other: Speaker, task: TaskOptions): Promise<SpokenCard> {
  const { tokenizer } = speaker.opened
  const input = promptInput(
    collatePaint(
      tokenizer,
      paintingPrompts.map(text => paintItem(tokenizer, escapeText(text))),
    ),
  )
  const errors = new LayerErrors()
  const pair = { source: await speaker.stream(), converted: await other.stream() }
  await errors.compare(pair, [input, input], {
    ...(task.signal && { signal: task.signal }),
    onProgress: ({ done, total }) =>
      task.onProgress?.({ phase: 'layers', done, ...(total && { total }), unit: 'steps' }),
  })
  await Promise.all([pair.source.dispose(), pair.converted.dispose()])
  return { layers: errors.card(speaker.llm.dimModel), skipped: skipped('kind', 'logits', 'answers') }
}
