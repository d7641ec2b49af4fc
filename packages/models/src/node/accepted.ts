import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LicenseError } from '@viscpm/core'
import { writeFileAtomic } from '@viscpm/core/node'
import type { License } from '../types.js'
import { makeFolder } from './layout.js'
import type { Settings } from './settings.js'

/** A license that somebody is asked about. */
export interface LicenseQuestion {
  readonly model: string
  readonly license: License
}

/** Where answers are kept. */
export type StatePlace = Pick<Settings, 'stateDir'>

const stateFile = ({ stateDir }: StatePlace): string => join(stateDir, 'accepted-licenses.json')

async function accepted(where: StatePlace): Promise<Record<string, string>> {
  try {
    const json: unknown = JSON.parse(await readFile(stateFile(where), 'utf8'))
    return json !== null && typeof json === 'object' ? (json as Record<string, string>) : {}
  } catch {
    return {}
  }
}

/** Which of these were not accepted yet, each license once. */
export async function openQuestions(
  where: StatePlace,
  questions: readonly LicenseQuestion[],
): Promise<readonly LicenseQuestion[]> {
  const known = await accepted(where)
  const seen = new Set(Object.keys(known))
  return questions.filter(({ license: { id } }) => !seen.has(id) && seen.add(id))
}

/** Remembers that licenses were accepted, and when. @throws WriteFailedError */
export async function acceptLicenses(where: StatePlace, questions: readonly LicenseQuestion[]): Promise<void> {
  if (questions.length === 0) return
  const today = new Date().toISOString()
  const all = { ...(await accepted(where)), ...Object.fromEntries(questions.map(({ license }) => [license.id, today])) }
  await makeFolder(where.stateDir)
  await writeFileAtomic(stateFile(where), `${JSON.stringify(all, null, 2)}\n`)
}

/** @throws LicenseError for the first that was not accepted, unless `settings.acceptLicense` accepts them all */
export async function requireLicenses(
  settings: Pick<Settings, 'stateDir' | 'acceptLicense'>,
  questions: readonly LicenseQuestion[],
): Promise<void> {
  const open = await openQuestions(settings, questions)
  if (settings.acceptLicense) return acceptLicenses(settings, open)
  const [first] = open
  if (!first) return
  const { model, license } = first
  throw new LicenseError({
    model,
    license: license.id,
    question: first,
    message: `its license was not accepted: ${license.name}${license.nonCommercial ? ' (NON-COMMERCIAL)' : ''}. ${license.summary.en}${license.url ? ` ${license.url}` : ''}`,
    hint: `Read it, then: viscpm download ${model} --accept-license (in a program: hub: { acceptLicense: true }).`,
  })
}
