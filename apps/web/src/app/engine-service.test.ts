import { beforeEach, describe, expect, it } from 'vitest'
import type { chooseEngine } from '../engine/choose.js'
import { EngineError } from '../engine/errors.js'
import type { Engine, EngineModel } from '../engine/types.js'
import { settle } from '../fixtures/fake-engine.js'
import { EngineService } from './engine-service.js'
import { isNobody } from './model.js'

const models: readonly EngineModel[] = [{ id: 'tiny', kind: 'paint' }]
let kept: Map<string, string>
let disposed: string[]
let session: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

beforeEach(() => {
  disposed = []
  kept = new Map()
  session = {
    getItem: name => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: name => void kept.delete(name),
  }
})

/** @param list what `models` does, given the key */
function service(list: (key: string | undefined) => readonly EngineModel[]): EngineService {
  const choose: typeof chooseEngine = async (place, { key }) =>
    ({ place, models: async () => list(key()), dispose: async () => void disposed.push(place) }) as Engine
  return new EngineService({ place: 'server', session, choose })
}

const locked = (key: string | undefined): readonly EngineModel[] => {
  if (key === 'right') return models
  throw new EngineError(key === undefined ? 'key-needed' : 'key-wrong', 'no')
}

describe('connecting', () => {
  it('finds models', async () => {
    const engine = service(() => models)
    expect(engine.store.state.status).toBe('connecting')
    await engine.connect()
    expect(engine.store.state).toMatchObject({ status: 'ready', models })
    expect(engine.model('paint')).toBe(models[0])
    expect(engine.model('chat')).toBeUndefined()
  })

  it('says that nobody is there, and finds them later', async () => {
    let there = false
    const engine = service(() => {
      if (!there) throw new EngineError('away', 'nobody')
      return models
    })
    await engine.connect()
    expect(engine.store.state).toMatchObject({ status: 'away', error: { code: 'away' } })
    there = true
    await engine.connect()
    expect(engine.store.state).toMatchObject({ status: 'ready', error: undefined })
  })

  it('says that the server went away while it was worked with, and that it is back', async () => {
    const engine = service(() => models)
    await engine.connect()
    const away = new EngineError('away', 'nobody')
    const asked = engine.run(() => Promise.reject(away))
    await expect(asked).rejects.toBe(away)
    expect(engine.store.state).toMatchObject({ status: 'away', error: away, models })
    await engine.run(e => e.models())
    expect(engine.store.state).toMatchObject({ status: 'ready', error: undefined, models })
  })

  it('lets go of the engine before', async () => {
    const engine = service(() => models)
    await engine.connect()
    await engine.use('browser')
    expect(disposed).toEqual(['server'])
    expect(engine.store.state).toMatchObject({ place: 'browser', status: 'ready' })
  })
})

describe('the key', () => {
  it('is asked for until it is right, and kept for the session', async () => {
    const engine = service(locked)
    const connected = engine.connect()
    await settle()
    expect(engine.store.state.keyAsked).toEqual({ wrong: false })
    engine.answerKey('left')
    await settle()
    expect(engine.store.state.keyAsked).toEqual({ wrong: true })
    engine.answerKey('right')
    await connected
    expect(engine.store.state).toMatchObject({ status: 'ready', keyAsked: undefined, hasKey: true })
    expect([...kept.values()]).toEqual(['right'])
    const next = service(locked)
    await next.connect()
    expect(next.store.state.status).toBe('ready')
  })

  it('may be refused', async () => {
    const engine = service(locked)
    const connected = engine.connect()
    await settle()
    engine.answerKey(undefined)
    await connected
    expect(engine.store.state).toMatchObject({ status: 'key', keyAsked: undefined, hasKey: false })
  })

  it('is asked for once, however many need it', async () => {
    const engine = service(locked)
    const tasks = [engine.run(e => e.models()), engine.run(e => e.models())]
    await settle()
    engine.answerKey('right')
    expect(await Promise.all(tasks)).toEqual([models, models])
  })

  it('is forgotten on demand', async () => {
    kept.set('viscpm.key', 'right')
    const engine = service(locked)
    await engine.connect()
    engine.forgetKey()
    expect(kept.size).toBe(0)
    expect(engine.store.state.hasKey).toBe(false)
  })
})

it('does not ask twice after an abort', async () => {
  const engine = service(locked)
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(engine.run(e => e.models(), signal)).rejects.toMatchObject({ code: 'key-needed' })
  expect(engine.store.state.keyAsked).toBeUndefined()
})

it('knows when there is no server at all', () => {
  expect(isNobody(new EngineError('away', 'nobody'))).toBe(true)
  // What a server of files says to /v1/models.
  expect(isNobody(new EngineError('invalid', 'not found', { status: 404 }))).toBe(true)
  expect(isNobody(new EngineError('busy', 'later', { status: 429 }))).toBe(false)
  expect(isNobody(new EngineError('failed', 'broken', { status: 500 }))).toBe(false)
})
