import { isVisCPMError, VocabularyError } from '@viscpm/core'
import { describe, expect, test } from 'vitest'
import { parseVocabulary } from './vocabulary.js'

const lines = ['<unk>', '<mask>', '<s>', '</s>', '<root>', '<ans>', '</n>', '</_>', '<', 'a', '猫']

function failure(source: string | Uint8Array): string {
  try {
    parseVocabulary(source, 'bee.txt')
  } catch (error) {
    expect(error).toBeInstanceOf(VocabularyError)
    expect(isVisCPMError(error, 'VOCABULARY')).toBe(true)
    return (error as VocabularyError).message
  }
  throw new Error('did not fail')
}

describe('parseVocabulary', () => {
  test('gives newline and space the ids of their names', () => {
    const { ids, tokens } = parseVocabulary(lines.join('\n'), 'bee.txt')
    expect(tokens[6]).toBe('\n')
    expect(ids.get(' ')).toBe(7)
    expect(ids.has('</n>')).toBe(false)
    expect(ids.size).toBe(lines.length)
  })

  test('takes any line ending, a byte order mark and skips empty lines', () => {
    const expected = parseVocabulary(lines.join('\n'), 'bee.txt')
    for (const text of [lines.join('\r\n'), `\uFEFF${lines.join('\n')}\n`, lines.join('\n\n'), lines.join('\r')]) {
      expect(parseVocabulary(text, 'bee.txt')).toEqual(expected)
      expect(parseVocabulary(new TextEncoder().encode(text), 'bee.txt')).toEqual(expected)
    }
  })

  test('names both lines of a repeated token', () => {
    expect(failure([...lines, 'a'].join('\n'))).toBe('bee.txt: line 12 repeats "a" of line 10')
    expect(failure([...lines, ' '].join('\n'))).toBe('bee.txt: line 12 repeats " " of line 8')
  })

  test('lists what is missing', () => {
    const some = lines.filter(line => line !== '<ans>' && line !== '</n>')
    expect(failure(some.join('\n'))).toBe('bee.txt: none of its 9 lines is "<ans>", "</n>"')
    expect(failure('{"a": 1}')).toContain('"<unk>"')
  })

  test('refuses an empty file', () => {
    expect(failure('')).toBe('bee.txt: the file is empty')
    expect(failure('\n\n')).toBe('bee.txt: the file is empty')
  })

  test('names the line of a byte that is not UTF-8', () => {
    const bytes = new TextEncoder().encode(lines.join('\n'))
    const broken = new Uint8Array([...bytes.subarray(0, 14), 0xff, ...bytes.subarray(14)])
    expect(failure(broken)).toBe('bee.txt: line 3 is not UTF-8')
    expect(failure(bytes.subarray(0, -1))).toBe('bee.txt: line 11 is not UTF-8')
  })

  test('refuses half of a surrogate pair', () => {
    expect(failure([...lines, 'b\ud83d'].join('\n'))).toBe('bee.txt: line 12 has half of a surrogate pair')
  })
})
