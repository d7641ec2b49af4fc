import { findModel } from '@viscpm/chat/node'
import { FileFormatError, isVisCPMError } from '@viscpm/core'
import { openCheckpoint } from '@viscpm/core/node'
import { detectCheckpoint } from '@viscpm/core/weights'
import { findPainter } from '@viscpm/paint/node'
import type { JobRequest } from '../jobs/types.js'

type Kind = JobRequest['kind']

async function kindOf(weights: string): Promise<string> {
  const source = await openCheckpoint(weights)
  try {
    return detectCheckpoint(source).kind
  } finally {
    await source.close()
  }
}

/** What a place is, as far as one pipeline's finder understands it; the error where it does not. */
async function tried(find: () => Promise<{ readonly weights: string }>): Promise<string | Error> {
  try {
    return await kindOf((await find()).weights)
  } catch (error) {
    if (isVisCPMError(error)) return error
    throw error
  }
}

/**
 * What the models of a place can do, found out from tables of contents: no weight is read.
 * @throws the library's errors for a place that is no model
 */
export async function kindsAt(where: string): Promise<readonly Kind[]> {
  const [chat, paint] = [await tried(() => findModel(where)), await tried(() => findPainter(where))]
  const kinds: Kind[] = []
  if (chat === 'viscpm-chat') kinds.push('chat')
  if (paint === 'viscpm-paint') kinds.push('paint')
  if (kinds.length > 0) return kinds
  if (chat instanceof Error) throw chat
  throw new FileFormatError({
    file: where,
    message: `is neither VisCPM-Chat nor VisCPM-Paint (found: ${chat})`,
    hint: `'viscpm inspect ${where}' shows what it is.`,
  })
}
