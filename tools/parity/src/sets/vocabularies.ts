import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CpmBeeTokenizer } from '@viscpm/tokenizer'

/** Folders of `parent`, such as `tiny-vocab`; none if it does not exist. */
export function foldersOf(parent: string): string[] {
  if (!existsSync(parent)) return []
  const entries = readdirSync(parent, { withFileTypes: true })
  return entries
    .filter(entry => entry.isDirectory())
    .map(entry => entry.name)
    .sort()
}

/** The tokenizer of a vocabulary folder under `tokenizer/`. */
export function loadTokenizer(goldensDir: string, folder: string): CpmBeeTokenizer {
  const file = join(goldensDir, 'tokenizer', folder, 'bee.txt')
  return CpmBeeTokenizer.fromVocabulary(readFileSync(file), file)
}

/** Non-empty lines of a text file, or none if it does not exist. */
export function readLines(file: string): string[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '')
}
