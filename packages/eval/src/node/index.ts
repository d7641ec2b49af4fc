export { readLexicon, readPairs } from './bilingual/read-set.js'
export * from './chat/index.js'
export {
  type CritiqueParts,
  type CritiquePrompt,
  type CritiqueRecord,
  parseCritiqueWorld,
  type RunCritiqueOptions,
  runCritique,
} from './critique/run.js'
export { type JsonLines, openJsonLines, readJsonLines } from './json-lines.js'
export * from './paint/index.js'
