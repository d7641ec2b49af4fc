import { basename } from 'node:path'
import { UsageError } from '../failures.js'
import type { Messages } from '../messages/index.js'

/** A model, and what requests call it. */
export interface NamedModel {
  readonly id: string
  readonly where: string
}

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._:/-]*$/

/** Reads `id=where`, or where alone: then what a hub calls it, or the last part of the path, is its id. @throws UsageError */
export function namedModel(given: string, t: Messages): NamedModel {
  const [, named, place] = /^([^=]*)=(.+)$/.exec(given) ?? []
  const where = place ?? given
  // openbmb/VisCPM-Chat is its own name.
  const id = named ?? (/^[\w-]+\/[\w.-]+$/.test(where) ? where : basename(where))
  if (!idPattern.test(id) || id.includes('..')) throw new UsageError(t.serve.badModel(given), t.serve.badModelHint)
  return { id, where }
}
