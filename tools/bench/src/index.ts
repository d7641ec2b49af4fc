export type { BenchOptions, GroupName } from './options.js'
export { groupNames, parseOptions } from './options.js'
export { type Report, runBench } from './run.js'
