import type { BlockedInputError } from '@viscpm/chat'
import { isVisCPMError, type VisCPMError } from '@viscpm/core'
import type { JobFailure } from './types.js'

/** Arguments of the library as they are called in requests, where that is not the same in snake_case. */
const params: Readonly<Record<string, string>> = {
  count: 'n',
  'count * candidates': 'n',
  width: 'size',
  height: 'size',
  maxLength: 'max_tokens',
  maxNewTokens: 'max_tokens',
  question: 'messages',
  turns: 'messages',
}

const paramOf = (argument: string): string =>
  params[argument] ?? argument.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)

function invalid(error: VisCPMError): JobFailure {
  const { argument } = error as unknown as { readonly argument?: string }
  if (argument === undefined) return { code: 'invalid_request', message: error.message }
  const param = paramOf(argument)
  const said = error.message.startsWith(`${argument}: `) ? error.message.slice(argument.length + 2) : error.message
  return { code: 'invalid_request', message: `${param}: ${said}`, param }
}

/** Of what a question brought along; what came over from another process has the fields of its class. */
function blocked({ what, decision }: BlockedInputError): JobFailure {
  const told = { code: 'content_filter', message: 'A safety checker did not allow what was given.' }
  const verdict = decision?.verdict
  if (verdict === undefined || verdict === 'none') return told
  const field = what === 'picture' ? 'image' : 'question'
  return { ...told, param: 'messages', safety: { [field]: verdict } }
}

/** Errors of the machine: what exactly failed is for the log, not for clients. */
const inside: Readonly<Record<string, JobFailure>> = {
  HOST_CRASHED: { code: 'model_crashed', message: 'The process that ran the model died. It is being started again.' },
  INSUFFICIENT_MEMORY: {
    code: 'model_unavailable',
    message: 'The model does not fit into the memory of this machine.',
  },
  FILE_NOT_FOUND: { code: 'model_unavailable', message: 'The model cannot be loaded.' },
  FILE_FORMAT: { code: 'model_unavailable', message: 'The model cannot be loaded.' },
  MISSING_DEPENDENCY: { code: 'model_unavailable', message: 'The model cannot be loaded.' },
  NON_FINITE: { code: 'model_error', message: 'The model computed no finite result.' },
}

/** What a client is told of an error: fixed texts, but for what it gave itself. */
export function failureOf(error: unknown): JobFailure {
  if (isVisCPMError(error))
    switch (error.code) {
      case 'INVALID_ARGUMENT':
        return invalid(error)
      case 'IMAGE':
        return { code: 'invalid_image', message: `The picture cannot be used: ${error.message}.`, param: 'image' }
      case 'CONFIG':
        return { code: 'invalid_request', message: `scheduler: ${error.message}`, param: 'scheduler' }
      case 'CONTEXT_TOO_LONG':
        return { code: 'context_length_exceeded', message: error.message }
      case 'BLOCKED':
        return blocked(error as BlockedInputError)
      default:
        return inside[error.code] ?? { code: 'internal_error', message: 'Something went wrong in the server.' }
    }
  return { code: 'internal_error', message: 'Something went wrong in the server.' }
}

/** Whether it is the request's fault, which need not be logged as a fault of the server. */
export const isClientFault = ({ code }: JobFailure): boolean =>
  code.startsWith('invalid_') || code === 'content_filter' || code === 'context_length_exceeded'
