import { buildChineseCLIPGraphs, parseChineseCLIPConfig } from '@viscpm/reranker'
import type { SetResult } from '../result.js'
import { compareFullSizeKeys } from './full-size.js'

/** The published Chinese-CLIP's keys. */
export function compareRerankerKeys(folder: string): Promise<SetResult> {
  return compareFullSizeKeys('reranker/full-size keys', folder, async (weights, config) => {
    const { text, vision, ignored } = await buildChineseCLIPGraphs({ weights, config: parseChineseCLIPConfig(config) })
    const inGraphs = [...text.initializers, ...vision.initializers].map(({ name }) => name)
    return { used: [...inGraphs, 'logit_scale'], ignored }
  })
}
