import { expect, test } from 'vitest'
import { sha256 } from './sha256.js'

test('gives the published digests (FIPS 180-2), of bytes and of a text', async () => {
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  expect(await sha256('abc')).toBe(abc)
  expect(await sha256(new Uint8Array([0, 97, 98, 99]).subarray(1))).toBe(abc)
  expect(await sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})
