export { ClosingError, JobCancelledError, JobFailedError, QueueFullError } from './errors.js'
export { failureOf, isClientFault } from './failure.js'
export { MemoryQueue, type MemoryQueueOptions } from './memory-queue.js'
export type * from './types.js'
