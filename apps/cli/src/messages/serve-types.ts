/** Options of `serve`; `help.options` describes them. */
export type ServeOption =
  | 'serveHost'
  | 'servePort'
  | 'serveModel'
  | 'serveQueue'
  | 'serveKeys'
  | 'serveRemote'
  | 'serveAllowHost'
  | 'serveAllowOrigin'
  | 'serveMaxQueued'
  | 'serveRateLimit'
  | 'serveOpen'

export interface ServeMessages {
  /** Where the page is, or the API where there is no page. */
  page(url: string): string
  api(url: string): string
  readonly loading: string
  ready(models: string): string
  queued(queue: string): string
  readonly stopping: string
  readonly stopped: string
  badModel(given: string): string
  readonly badModelHint: string
  readonly badRateHint: string
  portTaken(port: number): string
  readonly portTakenHint: string
}
