import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { loadImage } from '@viscpm/chat/node'
import { beforeAll, expect, test } from 'vitest'
import { groundName, pixelName } from './colours.js'
import { drawingsAt } from './drawings.js'
import { DrawingJudge } from './judge.js'

const folder = new URL('../../../../tiny/eval/judge/', import.meta.url)
const { cell, columns, drawings: names } = JSON.parse(readFileSync(new URL('prompts.json', folder), 'utf8'))

let judge: DrawingJudge
beforeAll(async () => {
  judge = new DrawingJudge({
    sheet: await loadImage(fileURLToPath(new URL('drawings.png', folder))),
    cell,
    columns,
    names,
  })
})

test('knows what the painter painted, and that it is nothing else', async () => {
  const cat = await loadImage(fileURLToPath(new URL('../paint/0.png', folder))) // painted for 一只红色的猫
  expect(judge.judge(cat, { things: [{ name: 'cat', colour: 'red' }] })).toEqual({
    thing: true,
    top5: true,
    colour: true,
    right: true,
  })
  expect(judge.judge(cat, { things: [{ name: 'cat', colour: 'blue' }] })).toMatchObject({ colour: false, right: false })
  expect(judge.judge(cat, { things: [{ name: 'pizza' }], background: 'black' })).toMatchObject({
    thing: false,
    background: false,
    right: false,
  })
  expect(() => judge.judge(cat, { things: [{ name: 'quark' }] })).toThrow("no drawing of 'quark'")
})

test('names colours as the world does', () => {
  expect(pixelName([214, 40, 46])).toBe('red')
  expect(pixelName([30, 30, 32])).toBe('black')
  expect(pixelName([246, 150, 190])).toBe('pink')
  expect(groundName([60, 160, 72])).toBe('green')
  expect(groundName([218, 230, 243])).toBeUndefined()
})

test('a sheet too small for its names is refused', () => {
  const sheet = { width: 4, height: 4, data: new Uint8Array(48) }
  expect(() => drawingsAt({ sheet, cell: 4, columns: 1, names: ['a'] }, 4)).toThrow('do not hold 1 drawings')
})
