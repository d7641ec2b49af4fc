import { describe, expect, it } from 'vitest'
import { isModelId } from './hub.js'

describe('isModelId', () => {
  it.each([
    'openbmb/VisCPM-Chat',
    'openbmb/VisCPM-Chat:zhplus',
    'openbmb/VisCPM-Chat:v1.1@77dd5c8',
    'a/b@refs/pr/1',
    'org.x/name_y-1.0',
  ])('%s is one', id => expect(isModelId(id)).toBe(true))

  it.each([
    'tiny',
    './a/b',
    '../a',
    '/a/b',
    'a/b/c',
    'a/',
    '/b',
    'C:/models',
    'C:\\models\\x',
    'models/chat.pt',
    'models/pytorch_model.bin',
    'out/model.SAFETENSORS',
    'a/..',
    'a/b..c',
    'a/b@../../c',
    'a b/c',
    'a/b\n',
    '-a/b',
    '',
  ])('%j is none', id => expect(isModelId(id)).toBe(false))
})
