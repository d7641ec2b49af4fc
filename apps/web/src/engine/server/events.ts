import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { EngineError, isAbort } from '../errors.js'

/** Server-sent events of an answer, in order. @throws EngineError 'broken' when the connection breaks; the signal's reason */
export async function* eventsOf(response: Response, signal?: AbortSignal): AsyncGenerator<EventSourceMessage> {
  if (response.body === null) throw new EngineError('broken', 'The server sent no stream.')
  const ready: EventSourceMessage[] = []
  const parser = createParser({ onEvent: event => ready.push(event) })
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (value !== undefined) parser.feed(value)
      yield* ready.splice(0)
      if (done) return
    }
  } catch (error) {
    if (signal && isAbort(error, signal)) throw signal.reason
    if (error instanceof EngineError) throw error
    throw new EngineError('broken', 'The connection to the server broke.', { cause: error })
  } finally {
    await reader.cancel().catch(() => {})
  }
}

/** The data of an event. @throws EngineError 'broken' */
export function dataOf(event: EventSourceMessage): unknown {
  try {
    return JSON.parse(event.data)
  } catch (error) {
    throw new EngineError('broken', 'The server sent an event that is not JSON.', { cause: error })
  }
}
