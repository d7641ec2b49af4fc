import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { sha256 } from '@viscpm/core'
import { Lexicon, type PairSet } from '@viscpm/eval'
import { readLexicon, readPairs } from '@viscpm/eval/node'
import { embeddedPlace } from '../../embedded.js'

export interface BilingualSet {
  readonly pairs: PairSet
  readonly lexicon: Lexicon
  /** Names and hashes of the files, for the settings. */
  readonly files: { readonly pairs: NamedFile; readonly lexicon?: NamedFile }
}

interface NamedFile {
  readonly name: string
  readonly sha256: string
}

/**
 * Pairs and lexicon: those of the embedded model unless they are named. Pairs that are named have no lexicon but the base one.
 * @throws FileNotFoundError, FileFormatError; MissingDependencyError without @viscpm/tiny
 */
export async function openSet(pairs: string | undefined, lexicon: string | undefined): Promise<BilingualSet> {
  const pairsFile = pairs ?? (await embeddedPlace('eval', 'bilingual.jsonl'))
  const lexiconFile = lexicon ?? (pairs === undefined ? await embeddedPlace('eval', 'names.jsonl') : undefined)
  const set = await readPairs(pairsFile)
  return {
    pairs: set,
    lexicon: new Lexicon(lexiconFile === undefined ? [] : await readLexicon(lexiconFile)),
    files: {
      pairs: await named(pairsFile),
      ...(lexiconFile !== undefined && { lexicon: await named(lexiconFile) }),
    },
  }
}

const named = async (file: string): Promise<NamedFile> => ({
  name: basename(file),
  sha256: await sha256(await readFile(file)),
})
