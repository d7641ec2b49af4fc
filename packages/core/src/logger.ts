/** The subset of console, pino and winston that viscpm calls. Never given prompts or pictures. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

/** Says nothing; the default of libraries. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }
