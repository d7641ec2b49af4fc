export type { SetResult } from './result.js'
export { runParity, type SetName, setNames } from './run.js'
