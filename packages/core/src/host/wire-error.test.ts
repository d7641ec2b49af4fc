import { expect, test } from 'vitest'
import * as errors from '../errors.js'
import { fromWire, toWire } from './wire-error.js'

const common = { message: 'm', hint: 'h', cause: new RangeError('inner') }
const all: errors.VisCPMError[] = [
  new errors.InvalidArgumentError({ ...common, argument: 'a' }),
  new errors.FileNotFoundError({ ...common, file: 'f' }),
  new errors.FileFormatError({ ...common, file: 'f', offset: 3 }),
  new errors.UnsafePickleError({ ...common, file: 'f', refused: 'os.system', offset: 4 }),
  new errors.MissingKeyError({ ...common, file: 'f', keys: ['k'] }),
  new errors.UnexpectedKeyError({ ...common, file: 'f', keys: ['k'] }),
  new errors.WrongShapeError({ ...common, key: 'k', expected: [1], actual: [2] }),
  new errors.ConfigError({ ...common, field: 'f' }),
  new errors.VocabularyError(common),
  new errors.TokenizerError(common),
  new errors.ImageError(common),
  new errors.ContextTooLongError({ ...common, length: 2, limit: 1 }),
  new errors.BlockedError({ ...common, verdicts: [{ decision: 'block' }] }),
  new errors.SessionError(common),
  new errors.NonFiniteError(common),
  new errors.HostCrashedError(common),
  new errors.DisposedError(common),
  new errors.MissingDependencyError({ ...common, dependency: 'd' }),
  new errors.WriteFailedError({ ...common, file: 'f' }),
  new errors.SourceChangedError({ ...common, file: 'f' }),
  new errors.InsufficientMemoryError({ ...common, needed: 2, available: 1 }),
  new errors.DownloadError({ ...common, file: 'f', status: 503 }),
  new errors.OfflineError(common),
  new errors.LicenseError({ ...common, model: 'm', license: 'l', question: { model: 'm' } }),
  new errors.RemoteError({ ...common, url: 'http://judge', status: 503 }),
]
const overTheWire = (thrown: unknown) => fromWire(structuredClone(toWire(thrown)))

test.each(all.map(error => [error.name, error] as const))('%s comes back as it was', (_, error) => {
  const back = overTheWire(error) as errors.VisCPMError
  expect(back).toBeInstanceOf(error.constructor)
  expect(errors.isVisCPMError(back, error.code)).toBe(true)
  expect(Object.keys(back).sort()).toEqual(Object.keys(error).sort())
  expect({ ...back, name: back.name, message: back.message, stack: back.stack }).toEqual({
    ...error,
    name: error.name,
    message: error.message,
    stack: error.stack,
  })
  expect(back.cause).toBeInstanceOf(RangeError)
})

test('every exported error class is covered', () => {
  const classes = Object.values(errors).filter(c => c.prototype instanceof errors.VisCPMError)
  expect(new Set(all.map(error => error.constructor))).toEqual(new Set(classes))
})

test('an error of a newer copy, with a code unknown here, stays recognisable', () => {
  const wire = { ...toWire(all[0]), name: 'NewError', fields: { code: 'NEW', more: 1 } }
  const back = fromWire(wire)
  expect(errors.isVisCPMError(back)).toBe(true)
  expect(back).toMatchObject({ name: 'NewError', code: 'NEW', more: 1, message: 'a: m' })
})

test('causes that go round in a circle end somewhere', () => {
  const error = new Error('a')
  error.cause = error
  expect(overTheWire(error)).toMatchObject({ message: 'a', cause: { message: 'a' } })
})

test('what is no error arrives as it was thrown, as far as it can be copied', () => {
  expect(overTheWire(undefined)).toBe(undefined)
  expect(overTheWire({ a: 1 })).toEqual({ a: 1 })
  expect(overTheWire(Symbol('s'))).toBe('Symbol(s)')
})
