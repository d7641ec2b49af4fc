import type { Engine } from '../types.js'
import { chat } from './chat.js'
import { Connection, type ConnectionOptions } from './http.js'
import { models } from './models.js'
import { paint } from './paint.js'

/** An engine over HTTP: the server that this page came from. */
export function serverEngine(options: ConnectionOptions): Engine {
  const connection = new Connection(options)
  return {
    place: 'server',
    models: signal => models(connection, signal),
    chat: request => chat(connection, request),
    paint: request => paint(connection, request),
    dispose: async () => {},
  }
}
