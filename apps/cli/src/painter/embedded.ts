import { isVisCPMError } from '@viscpm/core'
import { findPainter } from '@viscpm/paint/node'

/** Whether the installed @viscpm/tiny has a painter. */
export async function hasEmbeddedPainter(): Promise<boolean> {
  try {
    await findPainter('tiny')
    return true
  } catch (error) {
    if (isVisCPMError(error, 'FILE_NOT_FOUND') || isVisCPMError(error, 'MISSING_DEPENDENCY')) return false
    throw error
  }
}
