import { expect, it } from 'vitest'
import { parseChecksums } from './checksums.js'

const [a, b] = ['a'.repeat(64), 'b'.repeat(64)]

it('reads what sha256sum writes', () => {
  const sums = parseChecksums(`${a}  config.json\r\n${b} *./vae/model.safetensors\n`, 'SHA256SUMS')
  expect([...sums]).toEqual([
    ['config.json', a],
    ['vae/model.safetensors', b],
  ])
})

it.each([
  ['<!doctype html>', /line 1/],
  [`${a}  fine\n${a}  ../secret`, /line 2/],
  [`${a}  /etc/passwd`, /line 1/],
  [`${a.slice(1)}  short`, /line 1/],
  ['', /names no files/],
])('refuses %j', (text, message) => {
  expect(() => parseChecksums(text, 'SHA256SUMS')).toThrow(
    expect.objectContaining({ code: 'FILE_FORMAT', file: 'SHA256SUMS', message: expect.stringMatching(message) }),
  )
})
