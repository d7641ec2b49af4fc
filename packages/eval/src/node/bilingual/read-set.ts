import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { FileNotFoundError } from '@viscpm/core'
import { type LexiconEntry, type PairSet, parseLexicon, parsePairs } from '../../bilingual/index.js'

/**
 * Reads a file of pairs; questions' pictures become whole paths.
 * @throws FileNotFoundError for the file, or a picture that a question names; FileFormatError as `parsePairs`
 */
export async function readPairs(file: string): Promise<PairSet> {
  const set = parsePairs(await textOf(file), file)
  const questions = set.questions.map(question => ({
    ...question,
    picture: resolve(dirname(file), question.picture),
  }))
  for (const { id, picture } of questions) {
    const found = await stat(picture).catch(() => undefined)
    if (!found?.isFile())
      throw new FileNotFoundError({ file: picture, message: `no such picture (${file}, question '${id}')` })
  }
  return { ...set, questions }
}

/** Reads a lexicon. @throws FileNotFoundError; FileFormatError as `parseLexicon` */
export async function readLexicon(file: string): Promise<LexiconEntry[]> {
  return parseLexicon(await textOf(file), file)
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new FileNotFoundError({ file, message: 'no such file', cause })
  })
}
