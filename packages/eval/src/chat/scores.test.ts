import { expect, it } from 'vitest'
import { parseScores } from './scores.js'

it.each<[string, readonly number[] | undefined]>([
  ['8 9\nbecause', [8, 9]],
  ['7.5, 10', [7.5, 10]],
  ['7，8\n理由', [7, 8]],
  ['\n 8 9 \n', [8, 9]],
  ['8 9 7', undefined],
  ['8', undefined],
  ['Assistant 1: 8', undefined],
  ['-1 -1', undefined],
  ['0 5', undefined],
  ['11 5', undefined],
  ['8/10 9/10', undefined],
  ['', undefined],
])('%j', (reply, scores) => expect(parseScores(reply)).toEqual(scores))
