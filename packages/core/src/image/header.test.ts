import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ImageError, isVisCPMError } from '../errors.js'
import { readImageHeader } from './header.js'

const text = (s: string) => new TextEncoder().encode(s)

test.each([
  ['<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', 'an SVG or XML document'],
  ['  <svg></svg>', 'an SVG or XML document'],
  ['<!doctype html><html></html>', 'a web page'],
  ['\ufeff<html>', 'a web page'],
  ['%PDF-1.7', 'a PDF document'],
  ['BM......', 'a BMP picture'],
  ['II*\0....', 'a TIFF picture'],
  ['\0\0\0\x20ftypavif', 'an AVIF picture'],
  ['\0\0\0\x20ftypheic', 'a HEIC picture'],
  ['PK\x03\x04', 'a zip archive'],
])('%j is refused as %s', (start, kind) => {
  expect(() => readImageHeader(text(start))).toThrow(`it looks like ${kind}`)
})

test('plain text and nothing at all are refused', () => {
  expect(() => readImageHeader(text('hello'))).toThrow(/^not a PNG, JPEG, WebP or GIF picture$/)
  expect(() => readImageHeader(new Uint8Array())).toThrow('empty (0 bytes)')
})

test('a picture of no pixels is refused', () => {
  const png = Uint8Array.from([
    ...[0x89, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82],
    ...Array(8).fill(0),
    8,
    2,
    ...Array(7).fill(0),
  ])
  expect(() => readImageHeader(png)).toThrow('no pixels (0 x 0)')
  png[19] = 3
  png[23] = 2
  expect(readImageHeader(png)).toEqual({ format: 'png', width: 3, height: 2, bitDepth: 8, channels: 3 })
})

test('any bytes after any magic are read or refused', () => {
  const magics = [
    [0x89, 80, 78, 71, 13, 10, 26, 10],
    [0xff, 0xd8, 0xff],
    [...text('GIF89a')],
    [...text('RIFF....WEBPVP8')],
  ]
  fc.assert(
    fc.property(fc.constantFrom(...magics), fc.uint8Array({ maxLength: 80 }), (magic, rest) => {
      try {
        const { width, height } = readImageHeader(Uint8Array.from([...magic, ...rest]))
        expect(width * height).toBeGreaterThan(0)
      } catch (error) {
        expect(error).toBeInstanceOf(ImageError)
        expect(isVisCPMError(error) && error.hint).toBeTruthy()
      }
    }),
    { numRuns: 5000 },
  )
})
