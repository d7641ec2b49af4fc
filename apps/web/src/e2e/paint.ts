import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { paintedPng } from '../fixtures/png.js'
import { button, paintOne, type Scene } from './scene.js'

export function paintScenes(scene: Scene): void {
  it('shows previews while it paints, and the candidates with their scores', async () => {
    const page = await scene.visit('paint')
    scene.server.will.pace = 60
    await page.locator('#prompt').fill('a red cat')
    await page.getByLabel('Steps').first().fill('10')
    await page.getByLabel('Candidates').first().fill('3')
    await page.getByLabel('Scheduler').selectOption('DPMSolverMultistepScheduler')
    await page.getByLabel('Guidance').first().fill('4')
    await page.getByLabel('Negative prompt').fill('dogs')
    await button(page, 'Paint').click()
    await page.locator('.preview').nth(2).waitFor()
    await page
      .locator('.progress-row')
      .getByText(/Step \d+ of 10/)
      .waitFor()
    await page.locator('.stage-result .shown').waitFor()
    expect(scene.server.asked.at(-1)!.body).toMatchObject({
      prompt: 'a red cat',
      negative_prompt: 'dogs',
      steps: 10,
      candidates: 3,
      guidance_scale: 4,
      scheduler: 'DPMSolverMultistepScheduler',
    })
    const names = await page
      .locator('.candidates button')
      .evaluateAll(all => all.map(b => b.getAttribute('aria-label')))
    expect(names).toEqual([
      'Show candidate 2, chosen, score 30.00',
      'Show candidate 1, score 28.75',
      'Show candidate 3, score 28.75',
    ])
    await page.locator('.candidates button').nth(1).click()
    await button(page, 'Keep in the gallery').click()
    await page.locator('.gallery li').nth(1).waitFor()
  })

  it('takes numbers as they are typed, and makes them fit when they are left', async () => {
    const page = await scene.visit('paint')
    const photo = { name: 'photo.png', mimeType: 'image/png', buffer: paintedPng(1, 64) }
    await page.locator('.source input[type=file]').setInputFiles(photo)
    const type = async (label: string, text: string): Promise<string> => {
      const field = page.getByLabel(label).first()
      await field.click()
      await page.keyboard.press('Control+a')
      await page.keyboard.press('Delete')
      await page.keyboard.type(text)
      await page.keyboard.press('Tab')
      return await field.inputValue()
    }
    expect(await type('Strength', '0.5')).toBe('0.5')
    expect(await type('Strength', '')).toBe('0.5')
    expect(await type('Guidance', '7.5')).toBe('7.5')
    expect(await type('Steps', '0')).toBe('1')
    expect(await type('Steps', '700')).toBe('100')
    expect(await type('Steps', '')).toBe('')
    await page.getByLabel('Candidates').first().fill('9')
    await page.locator('#prompt').fill('a red cat')
    await page.getByLabel('Candidates').first().focus()
    await page.keyboard.press('Enter')
    await page.locator('.stage-result .shown').waitFor()
    const { body } = scene.server.asked.at(-1)!
    expect([body.strength, body.guidance_scale, body.steps, body.candidates]).toEqual([0.5, 7.5, undefined, 8])
  })

  it('cancels', async () => {
    const page = await scene.visit('paint')
    scene.server.will.pace = 200
    await page.locator('#prompt').fill('a red cat')
    await page.locator('#prompt').press('Enter')
    await page.locator('.preview').first().waitFor()
    await button(page, 'Cancel').click()
    await page.locator('.stage').getByText('Cancelled.').first().waitFor()
    await expect.poll(() => scene.server.jobs.list[0]!.status, { timeout: 20_000 }).toBe('cancelled')
  })

  it('keeps the gallery; settings of a picture paint it again', async () => {
    const page = await scene.visit('paint')
    await page.locator('#prompt').fill('a red cat')
    await button(page, 'Roll a new seed').click()
    await paintOne(page, 'a red cat')
    const first = scene.server.asked.at(-1)!.body
    await page.reload()
    await page.locator('#prompt').fill('something else')
    await page.locator('.gallery li button').click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.locator('.facts').textContent()).toContain(first.seed)
    await dialog.getByRole('button', { name: 'Use these settings' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(await page.locator('#prompt').inputValue()).toBe('a red cat')
    await paintOne(page, 'a red cat')
    const { seed, guidance_scale, width } = { ...scene.server.asked.at(-1)!.body } as Record<string, unknown>
    expect({ seed, guidance_scale, width }).toMatchObject({ seed: first.seed, guidance_scale: 7.5 })
    await page.locator('.gallery li').nth(1).locator('img').waitFor()
    const [again, before] = await page.locator('.gallery li img').evaluateAll(images =>
      images.map(image => {
        const context = new OffscreenCanvas(64, 64).getContext('2d')!
        context.drawImage(image as HTMLImageElement, 0, 0)
        return context.getImageData(0, 0, 64, 64).data.join()
      }),
    )
    expect(again).toBe(before)
  })

  it('downloads, deletes, and brings back', async () => {
    const page = await scene.visit('paint')
    await paintOne(page, '一只红色的猫')
    const downloading = page.waitForEvent('download')
    await button(page, 'Download').click()
    const download = await downloading
    expect(download.suggestedFilename()).toMatch(/^一只红色的猫-\d+\.png$/)
    const seed = Number(BigInt(scene.server.asked.at(-1)!.body.seed) % 1000n)
    expect(await readFile(await download.path())).toEqual(paintedPng(seed + 13, 64))
    await page.locator('.gallery li button').click()
    await button(page, 'Delete').click()
    await page.locator('.gallery li').waitFor({ state: 'detached' })
    await button(page, 'Undo').click()
    await page.locator('.gallery li').waitFor()
    await page.reload()
    await page.locator('.gallery li').waitFor()
  })

  it('starts from a picture of the gallery, where it is marked', async () => {
    const page = await scene.visit('paint')
    await paintOne(page, 'a red cat')
    await button(page, 'Start from this').click()
    await page.locator('.source-picture').waitFor()
    await page.getByLabel('Strength').first().fill('0.5')
    await button(page, 'Mark a part').click()
    const canvas = page.locator('.mask-field canvas')
    await canvas.focus()
    for (const key of ['ArrowLeft', 'ArrowLeft', 'Space']) await page.keyboard.press(key)
    const box = (await canvas.boundingBox())!
    await page.mouse.move(box.x + box.width * 0.8, box.y + box.height * 0.8)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.9, box.y + box.height * 0.9)
    await page.mouse.up()
    await button(page, 'Use the marking').click()
    await page.getByText('Only the marked part is painted anew.').waitFor()
    await paintOne(page, 'a blue cat')
    const { body } = scene.server.asked.at(-1)!
    expect(body.strength).toBe(0.5)
    expect(body.image).toMatch(/^data:image\/png;base64,/)
    // In a page without the policy, which lets no script read data URLs.
    const blank = await page.context().newPage()
    const colours = await blank.evaluate(async (url: string) => {
      const bitmap = await createImageBitmap(await (await fetch(url)).blob())
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!
      context.drawImage(bitmap, 0, 0)
      const at = (x: number, y: number): number[] => [
        ...context.getImageData(x * bitmap.width, y * bitmap.height, 1, 1).data,
      ]
      return {
        size: [bitmap.width, bitmap.height],
        marked: at(0.43, 0.5),
        stroke: at(0.85, 0.85),
        corner: at(0.02, 0.02),
      }
    }, body.mask)
    expect(colours).toEqual({
      size: [64, 64],
      marked: [255, 255, 255, 255],
      stroke: [255, 255, 255, 255],
      corner: [0, 0, 0, 255],
    })
  })

  it('brings a photo to the size that is painted, and leaves its middle', async () => {
    const page = await scene.visit('paint')
    const bytes = await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(300, 200)
      const context = canvas.getContext('2d')!
      for (const [colour, left] of [
        ['red', 0],
        ['lime', 50],
        ['blue', 250],
      ] as const) {
        context.fillStyle = colour
        context.fillRect(left, 0, 300, 200)
      }
      return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())]
    })
    const photo = { name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from(bytes) }
    await page.locator('.source input[type=file]').setInputFiles(photo)
    await page.locator('.source-picture').waitFor()
    await paintOne(page, 'a blue cat')
    const blank = await page.context().newPage()
    const sent = await blank.evaluate(async (url: string) => {
      const bitmap = await createImageBitmap(await (await fetch(url)).blob())
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!
      context.drawImage(bitmap, 0, 0)
      const at = (x: number): number[] => [...context.getImageData(x, 30, 1, 1).data]
      return { size: [bitmap.width, bitmap.height], sides: [at(1), at(62)] }
    }, scene.server.asked.at(-1)!.body.image as string)
    const lime = [0, 255, 0, 255]
    expect(sent).toEqual({ size: [64, 64], sides: [lime, lime] })
  })

  it('talks about a painted picture', async () => {
    const page = await scene.visit('paint')
    await paintOne(page, 'a red cat')
    await button(page, 'Talk about it').click()
    await page.locator('.attached img').waitFor()
    await page.locator('.composer textarea').fill('What did you paint?')
    await page.locator('.composer textarea').press('Enter')
    await page.locator('.answer-foot').waitFor()
    const seed = Number(BigInt(scene.server.asked.find(a => a.path === '/v1/jobs')!.body.seed) % 1000n)
    const url: string = scene.server.asked.at(-1)!.body.messages[0].content[1].image_url.url
    expect(Buffer.from(url.split(',')[1]!, 'base64')).toEqual(paintedPng(seed + 13, 64))
  })

  it('explains what the safety check stopped or withheld', async () => {
    const page = await scene.visit('paint')
    await page.locator('#prompt').fill('badword')
    await page.locator('#prompt').press('Enter')
    await page.getByText('A checker takes the prompt for harmful (sexual content).').waitFor()
    await paintOne(page, 'a flagged one')
    await page.getByText('One candidate was withheld.').waitFor()
    await page.locator('.candidates button').last().click()
    await page.getByText('A checker takes the painted picture for harmful (violence).').waitFor()
    expect(await page.locator('.gallery li').count()).toBe(1)
  })
}
