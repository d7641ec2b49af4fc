import { fileURLToPath } from 'node:url'
import type { TestSetFiles } from './test-set-files.js'

const folder = new URL('../../../data/chat/', import.meta.url)

/** Files of the sample: our own few questions about the pictures of the embedded model, in the published formats. */
export function sampleFiles(language: 'en' | 'zh'): TestSetFiles & { readonly questions: string } {
  const path = (name: string): string => fileURLToPath(new URL(name, folder))
  return {
    questions: path(`questions.${language}.jsonl`),
    references: path(`references.${language}.jsonl`),
    contexts: path(`contexts.${language}.jsonl`),
    rules: path(`rules.${language}.json`),
  }
}
