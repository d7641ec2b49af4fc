import { ConfigError, isVisCPMError } from './errors.js'

/** Of a file, with errors that name it. @throws ConfigError when it is no JSON, or `parse` refuses it */
export function parsedJson<T>(parse: (json: unknown) => T, bytes: Uint8Array, file: string): T {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new ConfigError({ field: file, message: `is not JSON: ${(cause as Error).message}`, cause })
  }
  try {
    return parse(json)
  } catch (error) {
    if (!isVisCPMError(error, 'CONFIG')) throw error
    const { field, message, hint } = error as ConfigError
    const what = message.slice(field.length + 2)
    throw new ConfigError({ field, message: `${what} (in ${file})`, cause: error, ...(hint && { hint }) })
  }
}
