import { describe, expect, it } from 'vitest'
import { messages } from '../i18n/index.js'
import { limits, PictureError, pictureProblem, picturesIn, pictureType, readPicture } from './read.js'

const bytes = (text: string): Uint8Array => Uint8Array.from(text, c => c.charCodeAt(0))

describe('pictureType', () => {
  it.each([
    ['\x89PNG\r\n\x1a\n', 'image/png'],
    ['\xff\xd8\xff\xe0', 'image/jpeg'],
    ['RIFF0000WEBPVP8 ', 'image/webp'],
    ['GIF89a', 'image/gif'],
    ['RIFF0000WAVEfmt ', undefined],
    ['<svg xmlns=', undefined],
    ['BM', undefined],
    ['', undefined],
  ])('%j is %s', (head, type) => expect(pictureType(bytes(head))).toBe(type))
})

describe('readPicture', () => {
  it('refuses what is no picture, whatever it says of itself', async () => {
    const file = new Blob(['<svg/>'], { type: 'image/png' })
    await expect(readPicture(file)).rejects.toMatchObject({ problem: 'kind' })
  })

  it('refuses what is too large before reading it', async () => {
    const file = new Blob([new Uint8Array(limits.bytes + 1)])
    await expect(readPicture(file)).rejects.toMatchObject({ problem: 'bytes' })
  })

  it('says so in words', () => {
    expect(pictureProblem(new PictureError('bytes'), messages.en)).toContain('20 MB')
    expect(pictureProblem(new Error('?'), messages.zh)).toBe(messages.zh.chat.picture.broken)
  })
})

it('leaves out files that say they are something else', () => {
  const files = [new File([], 'a.txt', { type: 'text/plain' }), new File([], 'b.png', { type: 'image/png' })]
  expect(picturesIn(files).map(f => f.name)).toEqual(['b.png'])
})
