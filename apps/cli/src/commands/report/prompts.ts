import { chatInput } from '@viscpm/chat'
import type { Image } from '@viscpm/core'
import { escapeText, type PackEntry, type PackedBatch, packBatch } from '@viscpm/tokenizer'
import type { Question } from './questions.js'
import { testQuestions, textTasks } from './questions.js'
import type { Speaker } from './speaker.js'

/** Prompts that are read together. */
export interface Prompts {
  readonly batch: PackedBatch
  readonly questions: readonly string[]
  /** A picture for each; empty for a model that sees nothing. */
  readonly images: readonly Image[]
  /** Answers of the test set; empty where there are none. */
  readonly expected: readonly string[]
}

/** Read together: more need more memory, and the layers of a large model are read from its file for every group. */
const together = 32

/**
 * What a model is asked: the embedded model's test set where it sees, else tasks of this package.
 * @returns undefined where the test set is not installed
 */
export async function promptsFor(speaker: Speaker, wanted: number | undefined): Promise<Prompts[] | undefined> {
  const { tokenizer } = speaker.opened
  if (!speaker.vision)
    return groupsOf(textTasks.slice(0, wanted)).map(tasks => ({
      batch: packBatch(
        tokenizer,
        tasks.map(({ input, question }): PackEntry[] => [
          ['input', escapeText(input)],
          ['question', escapeText(question)],
          ['<ans>', ''],
        ]),
      ),
      questions: tasks.map(({ question }) => question),
      images: [],
      expected: [],
    }))
  const { queryNum: queries } = speaker.vision
  const questions = await testQuestions(wanted)
  return (
    questions &&
    groupsOf(questions).map(group => ({
      batch: packBatch(
        tokenizer,
        group.map(({ turns, question }: Question) => chatInput({ turns, question, queries, syntax: 'text' })),
      ),
      questions: group.map(({ question }) => question),
      images: group.map(({ image }) => image),
      expected: group.map(({ expected }) => expected),
    }))
  )
}

function groupsOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / together) }, (_, i) =>
    items.slice(i * together, (i + 1) * together),
  )
}
