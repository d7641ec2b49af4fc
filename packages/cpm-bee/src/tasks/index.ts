export { CpmBee, type TaskPart, type TaskResult, type TaskRunOptions } from './cpm-bee.js'
export { answerInput, chooseInput, continueInput, fillInput, translateInput } from './formats.js'
export { MarkedText, mask, option, text } from './marked-text.js'
export type { TaskAnswer, TaskInput, TaskOutput, TaskSyntax, TaskText, TaskValue } from './task-input.js'
