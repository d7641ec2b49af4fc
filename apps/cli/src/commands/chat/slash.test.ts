import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readTyped, typedPath } from './slash.js'

describe('readTyped', () => {
  it.each([
    ['', { kind: 'nothing' }],
    [' \t ', { kind: 'nothing' }],
    [' What? ', { kind: 'question', text: 'What?' }],
    ['1/2?', { kind: 'question', text: '1/2?' }],
    ['//help', { kind: 'question', text: '/help' }],
    ['/new', { kind: 'new' }],
    ['/help', { kind: 'help' }],
    ['/exit', { kind: 'exit' }],
    ['/quit', { kind: 'exit' }],
    ['/image', { kind: 'image', file: '' }],
    ['/image  a b.png ', { kind: 'image', file: 'a b.png' }],
    ['/images', { kind: 'unknown', name: '/images' }],
    ['/图', { kind: 'unknown', name: '/图' }],
  ])('%j', (line, typed) => {
    expect(readTyped(line)).toEqual(typed)
  })
})

describe('typedPath', () => {
  it.each([
    ['"a b.png"', 'a b.png'],
    ["'a b.png'", 'a b.png'],
    ['~/cat.png', join(homedir(), 'cat.png')],
    ['a~b.png', 'a~b.png'],
  ])('%j', (text, path) => {
    expect(typedPath(text)).toBe(path)
  })

  it.skipIf(process.platform === 'win32')('understands escaped spaces, as terminals paste them', () => {
    expect(typedPath('/a\\ b/\\(1\\).png')).toBe('/a b/(1).png')
  })
})
