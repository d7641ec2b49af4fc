import type { IgnoredPattern } from '../weights/strict.js'

/** Not weights, though old checkpoints of BERT and CLIP have them. */
export const ignoredPositionIds: IgnoredPattern = {
  pattern: /(^|\.)embeddings\.position_ids$/,
  reason: '0, 1, 2, ...: a buffer that older versions of transformers saved',
}
