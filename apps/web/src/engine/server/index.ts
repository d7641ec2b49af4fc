import { fitPicture } from '../../pictures/fit.js'
import type { Engine } from '../types.js'
import { chat } from './chat.js'
import { Connection, type ConnectionOptions } from './http.js'
import { models } from './models.js'
import { type Fit, paint } from './paint.js'

export interface ServerEngineOptions extends ConnectionOptions {
  /** How pictures to start from get the size that is painted. Default: the browser's canvas. */
  readonly fit?: Fit
}

/** An engine over HTTP: the server that this page came from. */
export function serverEngine({ fit = fitPicture, ...options }: ServerEngineOptions): Engine {
  const connection = new Connection(options)
  return {
    place: 'server',
    models: signal => models(connection, signal),
    chat: request => chat(connection, request),
    paint: request => paint(connection, request, fit),
    dispose: async () => {},
  }
}
