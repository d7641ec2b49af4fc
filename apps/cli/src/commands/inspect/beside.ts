import type { ModelFiles } from '@viscpm/chat/node'
import { isVisCPMError } from '@viscpm/core'

export type FilesBeside = Partial<Pick<ModelFiles, 'vocabulary' | 'config'>>

/** Vocabulary and configuration that lie beside a checkpoint; none is needed to look at it. */
export async function filesBeside(where: string, config: string | undefined): Promise<FilesBeside> {
  const { findModel } = await import('@viscpm/chat/node')
  const given = config === undefined ? {} : { config }
  try {
    const found = await findModel(where, given)
    return { vocabulary: found.vocabulary, config: found.config }
  } catch (error) {
    if (!isVisCPMError(error, 'VOCABULARY')) throw error
  }
  // Any file will do in place of the vocabulary: the configuration is found in the same way.
  const found = await findModel(where, { ...given, vocabulary: where })
  return { config: found.config }
}
