export { type Action, actionsOf, isPictureStage, stages, worstOf } from './actions.js'
export { blackened, blurred } from './pictures.js'
export { Policy, type PolicyOptions, type StageRule } from './policy.js'
export { offPolicy, strictPolicy, upstreamPolicy } from './presets.js'
