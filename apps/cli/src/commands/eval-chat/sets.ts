import { join } from 'node:path'
import { languageOf } from '@viscpm/core'
import type { ChatQuestion, ChatTestItem } from '@viscpm/eval'
import { findPicture, readQuestions, readTestSet, sampleFiles } from '@viscpm/eval/node'
import type { Services } from '../../services.js'
import type { EvalChatOptions } from './options.js'

/** Questions of one language, and all that answering and judging them needs. */
export interface EvalChatSet {
  readonly language: 'en' | 'zh'
  readonly questions: readonly ChatQuestion[]
  /** Absent where nobody judges. */
  readonly items?: readonly ChatTestItem[]
  /** Of the questions' file. */
  readonly sha256: string
  /** By the names in the questions; empty where the answers are there already. */
  readonly pictures: ReadonlyMap<string, string>
  /** Where its results go. */
  readonly output: string | undefined
}

/** Reads what the options name, all of it before anything is computed. @throws FileNotFoundError, FileFormatError */
export async function readSets(
  options: EvalChatOptions,
  judged: boolean,
  services: Services,
): Promise<readonly EvalChatSet[]> {
  const { questions, references, contexts, rules, output, answers } = options
  if (questions !== undefined) {
    const judging = judged ? { references: references!, contexts: contexts!, rules: rules! } : undefined
    return [await readSet(questions, judging, answers === undefined ? options.pictures : undefined, output)]
  }
  const pictures = await services.demoPictures()
  const sets: EvalChatSet[] = []
  for (const language of ['en', 'zh'] as const) {
    const { questions: file, ...rest } = sampleFiles(language)
    const folder = output === undefined ? undefined : join(output, language)
    sets.push(await readSet(file, judged ? rest : undefined, pictures, folder))
  }
  return sets
}

async function readSet(
  file: string,
  judging: Parameters<typeof readTestSet>[1] | undefined,
  folder: string | undefined,
  output: string | undefined,
): Promise<EvalChatSet> {
  const { questions, sha256 } = await readQuestions(file)
  const items = judging && (await readTestSet(questions, judging)).items
  const pictures = new Map<string, string>()
  if (folder !== undefined)
    for (const { image } of questions) if (!pictures.has(image)) pictures.set(image, await findPicture(folder, image))
  const language = languageOf(questions.map(({ text }) => text).join('\n'))
  return { language, questions, sha256, pictures, output, ...(items && { items }) }
}
