export {
  type BeamDecoded,
  type BeamSearchOptions,
  type BeamStep,
  beamSearch,
  beamStream,
  type Hypothesis,
} from './beam-search.js'
export { decode, decodeStream } from './decode.js'
export { BeamHypotheses, type Scored } from './hypotheses.js'
export { LogitRow } from './logit-row.js'
export type { LookupOptions } from './lookup-options.js'
export {
  type BeamOptions,
  type DecodeInputs,
  type Decoding,
  type DecodingOptions,
  decodingOptionNames,
  type GreedyOptions,
  type PenaltyOptions,
  type SampleOptions,
  type SpecialTokens,
  type TopOptions,
} from './options.js'
export type { PathToken } from './path.js'
export { type AnswerToken, type Decoded, drain } from './run.js'
export { greedy, sample } from './sample.js'
export { scoreAnswers } from './score.js'
export { TopFilter } from './top-filter.js'
