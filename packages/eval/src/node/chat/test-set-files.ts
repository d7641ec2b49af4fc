import { type ChatQuestion, parseQuestions } from '../../chat/question.js'
import { type ChatTestItem, joinTestSet } from '../../chat/test-set.js'
import { readText } from './read-text.js'

/** Questions of a file, and its SHA-256. @throws FileNotFoundError, FileFormatError */
export async function readQuestions(
  file: string,
): Promise<{ readonly questions: readonly ChatQuestion[]; readonly sha256: string }> {
  const { name, text, sha256 } = await readText(file)
  return { questions: parseQuestions(text, name), sha256 }
}

/** Files that judging needs besides the questions; formats: see `TestSetTexts`. */
export interface TestSetFiles {
  readonly references: string
  readonly contexts: string
  readonly rules: string
}

/** Everything that judging needs. @throws FileNotFoundError, FileFormatError */
export async function readTestSet(
  questions: readonly ChatQuestion[],
  files: TestSetFiles,
): Promise<{ readonly items: readonly ChatTestItem[]; readonly sha256: Readonly<Record<keyof TestSetFiles, string>> }> {
  const [references, contexts, rules] = [
    await readText(files.references),
    await readText(files.contexts),
    await readText(files.rules),
  ]
  return {
    items: joinTestSet(questions, { references, contexts, rules }),
    sha256: { references: references.sha256, contexts: contexts.sha256, rules: rules.sha256 },
  }
}
