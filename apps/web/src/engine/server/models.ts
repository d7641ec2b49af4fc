import { EngineError } from '../errors.js'
import type { EngineModel } from '../types.js'
import { field, listOf, numberOf, textOf } from './fields.js'
import type { Connection } from './http.js'

/** What the server can do. @throws EngineError; the signal's reason */
export async function models(connection: Connection, signal?: AbortSignal): Promise<readonly EngineModel[]> {
  const list = await connection.json('v1/models', { signal })
  return listOf(field(list, 'data')).flatMap(modelsOf)
}

/** One that chats and paints is there once, with the facts of both. */
function modelsOf(entry: unknown): readonly EngineModel[] {
  const id = textOf(field(entry, 'id'))
  if (id === undefined) return []
  return listOf(field(entry, 'viscpm')).flatMap(facts => modelOf(id, facts))
}

function modelOf(id: string, facts: unknown): readonly EngineModel[] {
  const kind = field(facts, 'kind')
  if (kind !== 'chat' && kind !== 'paint') return []
  const numbers = {
    size: field(facts, 'size'),
    steps: field(facts, 'steps'),
    guidanceScale: field(facts, 'guidanceScale'),
  }
  const known = Object.entries(numbers).filter(([, value]) => numberOf(value) !== undefined)
  const schedulers = listOf(field(facts, 'schedulers')).flatMap(s => textOf(s) ?? [])
  const languages = listOf(field(facts, 'languages')).flatMap(l => textOf(l) ?? [])
  return [
    {
      id,
      kind,
      ...(Object.fromEntries(known) as Pick<EngineModel, 'size' | 'steps' | 'guidanceScale'>),
      ...(schedulers.length > 0 ? { schedulers } : {}),
      ...(languages.length > 0 ? { languages } : {}),
    },
  ]
}

/** The first model of a kind. @throws EngineError 'no-model' */
export async function modelFor(
  kind: EngineModel['kind'],
  connection: Connection,
  signal: AbortSignal,
): Promise<EngineModel> {
  const found = (await models(connection, signal)).find(model => model.kind === kind)
  if (found === undefined) throw new EngineError('no-model', `The server has no model that can ${kind}.`)
  return found
}
