import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { paintedPng } from '../fixtures/png.js'
import { ask, askAboutSample, button, type Scene } from './scene.js'

const file = (name = 'cat.png') => ({ name, mimeType: 'image/png', buffer: paintedPng(3, 48) })

/** Gives the page a file as a drop or the clipboard does. */
async function give(page: Page, how: 'drop' | 'paste', bytes: Buffer, type = 'image/png'): Promise<void> {
  await page.evaluate(
    ([event, base64, mime]) => {
      const data = new DataTransfer()
      data.items.add(new File([Uint8Array.from(atob(base64), c => c.charCodeAt(0))], 'picture', { type: mime }))
      const target = document.querySelector('.chat') as HTMLElement
      const options = { bubbles: true, cancelable: true }
      if (event === 'paste') target.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: data }))
      else target.dispatchEvent(new DragEvent('drop', { ...options, dataTransfer: data }))
    },
    [how, bytes.toString('base64'), type] as const,
  )
}

export function chatScenes(scene: Scene): void {
  it('streams an answer about a picture, and goes on with the talk', async () => {
    const page = await scene.visit('chat')
    await page.locator('input[type=file]').first().setInputFiles(file())
    await page.locator('.attached img').waitFor()
    scene.server.will.pace = 60
    await page.locator('.composer textarea').fill('What is it?')
    await page.locator('.composer textarea').press('Enter')
    await page.locator('.answer-text.growing').waitFor()
    await page.locator('.answer-foot').waitFor()
    scene.server.will.pace = 1
    expect(await page.locator('.answer-text').textContent()).toContain('Question 1, pictures 1.')
    await ask(page, 'And its colour?')
    expect(await page.locator('.answer-text').last().textContent()).toContain('Question 2, pictures 1.')
    expect(scene.server.asked.at(-1)!.body.messages).toHaveLength(3)
  })

  it('takes dropped and pasted pictures, and says what is none', async () => {
    const page = await scene.visit('chat')
    await page.locator('.welcome').waitFor()
    await give(page, 'drop', paintedPng(1, 32))
    await page.locator('.attached img').waitFor()
    await button(page, 'Remove the picture').click()
    await page.locator('.attached').waitFor({ state: 'detached' })
    await give(page, 'paste', paintedPng(2, 32))
    await page.locator('.attached img').waitFor()
    await give(page, 'drop', Buffer.from('<svg/>'))
    await page.getByText('This is no PNG, JPEG, WebP or GIF').waitFor()
    await give(page, 'drop', Buffer.concat([paintedPng(1, 32).subarray(0, 60), Buffer.from('?')]))
    await page.getByText('the file is damaged').waitFor()
  })

  it('takes a picture with the camera', async () => {
    const page = await scene.visit('chat')
    await page.evaluate(() => {
      const devices = navigator.mediaDevices
      const real = devices.getUserMedia.bind(devices)
      devices.getUserMedia = async () => {
        devices.getUserMedia = real
        throw new DOMException('Requested device not found', 'NotFoundError')
      }
    })
    await button(page, 'Take a picture').first().click()
    await page.getByText('No camera was found.').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
    await button(page, 'Take a picture').first().click()
    await page.locator('dialog').getByRole('button', { name: 'Take it' }).click()
    await page.locator('.attached img').waitFor()
  })

  it('stops, answers again, and asks an edited question', async () => {
    const page = await scene.visit('chat')
    scene.server.will.pace = 20
    await page.locator('.samples button').first().click()
    await page.locator('.attached img').waitFor()
    await page.locator('.composer textarea').fill('a long answer, please')
    await page.locator('.composer textarea').press('Enter')
    await page.locator('.answer-text').getByText('word word').waitFor()
    await button(page, 'Stop').click()
    await page.locator('.answer-foot').getByText('Stopped.').waitFor()
    scene.server.will.pace = 1
    await button(page, 'Answer again').click()
    await page.locator('.answer-foot').getByText('400 tokens').waitFor()
    await button(page, 'Edit the question').click()
    await page.locator('.editor textarea').fill('它是什么？')
    await page.locator('.editor textarea').press('Enter')
    await page.locator('.answer-text').getByText('图片里有一只狗').waitFor()
    expect(await page.locator('.answer-text').getAttribute('lang')).toBe('zh-CN')
    expect(await page.locator('.turn').count()).toBe(1)
    expect(scene.server.asked.at(-1)!.body.messages).toHaveLength(1)
  })

  it('keeps conversations over a reload, exports them, and brings a deleted one back', async () => {
    const page = await scene.visit('chat')
    await askAboutSample(page, 'What is it?')
    await button(page, 'New conversation').click()
    await askAboutSample(page, '这是什么？')
    expect(await page.locator('.side .conversation').allTextContents()).toEqual(['这是什么？', 'What is it?'])
    await page.reload()
    await page.locator('.side .conversation').nth(1).click()
    await page.locator('.asked-picture').waitFor()
    expect(await page.locator('.answer-text').textContent()).toContain('It is a dog.')
    await ask(page, 'And now?')
    expect(await page.locator('.answer-text').last().textContent()).toContain('Question 2, pictures 1.')

    await button(page, 'Export').click()
    const downloading = page.waitForEvent('download')
    await button(page, 'Export as Markdown').click()
    const download = await downloading
    expect(download.suggestedFilename()).toBe('What-is-it.md')
    expect(await readFile(await download.path(), 'utf8')).toMatch(/^# What is it\?\n\n!\[\]\(data:image\/png;base64,/)

    await button(page, 'Delete “What is it?”').click()
    await page.locator('.side .conversation').nth(1).waitFor({ state: 'detached' })
    await button(page, 'Undo').click()
    await page.locator('.side .conversation').nth(1).waitFor()
    await page.reload()
    await page.locator('.side .conversation').nth(1).waitFor()
  })

  it('explains what the safety check stopped', async () => {
    const page = await scene.visit('chat')
    await askAboutSample(page, 'badword')
    const text = await page.locator('.explained').textContent()
    expect(text).toContain('A checker takes the question for harmful (violence).')
    expect(text).toContain('Put the question in other words.')
    await ask(page, 'half an answer')
    expect(await page.locator('.explained').last().textContent()).toContain(
      'The answer was stopped where the checker objected.',
    )
    expect(await page.locator('.answer-text').count()).toBe(1)
  })
}
