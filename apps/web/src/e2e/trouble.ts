import { expect, it } from 'vitest'
import { ask, askAboutSample, button, paintOne, type Scene } from './scene.js'

export function troubleScenes(scene: Scene): void {
  it('asks for the key, and keeps it for the session', async () => {
    scene.server.will.key = 'right'
    const page = await scene.visit('chat')
    const dialog = page.getByRole('dialog', { name: 'The server asks for a key' })
    await dialog.getByLabel('API key').fill('wrong')
    await page.keyboard.press('Enter')
    await dialog.getByText('The server does not take this key.').waitFor()
    await dialog.getByLabel('API key').fill('right')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await page.locator('.chip.ready').waitFor()
    await askAboutSample(page, 'What is it?')
    expect(scene.server.asked.at(-1)!.key).toBe('right')
    await page.reload()
    await page.locator('.chip.ready').waitFor()
    expect(await page.evaluate(() => [JSON.stringify(localStorage), sessionStorage.getItem('viscpm.key')])).toEqual([
      expect.not.stringContaining('right'),
      'right',
    ])
  })

  it('says that the server is away, and finds it when it is back', async () => {
    const page = await scene.visit('paint')
    await page.locator('.chip.ready').waitFor()
    // Chosen, so that the page does not look for somebody else.
    await page.evaluate(() => {
      localStorage.setItem('viscpm.preferences', JSON.stringify({ place: 'server' }))
    })
    await page.reload()
    await page.locator('.chip.ready').waitFor()
    await page.route('**/v1/**', route => route.abort('connectionrefused'))
    await page.locator('#prompt').fill('a red cat')
    await page.locator('#prompt').press('Enter')
    await page.locator('.stage').getByText('The server does not answer').waitFor()
    await page.reload()
    await page.locator('.banner').getByText('The server does not answer').waitFor()
    await page.unroute('**/v1/**')
    await page.locator('.banner').getByRole('button', { name: 'Try again' }).click()
    await page.locator('.banner').waitFor({ state: 'detached' })
    await paintOne(page, 'a red cat')
  })

  it('waits as long as a full queue asks for', async () => {
    const page = await scene.visit('chat')
    scene.server.will.fail = { status: 429, code: 'queue_full', headers: { 'retry-after': '2' }, times: 1 }
    await askAboutSample(page, 'What is it?')
    await page.getByText(/Try again in [12] seconds?\./).waitFor()
    const again = page.locator('.explained').getByRole('button', { name: 'Try again' })
    expect(await again.isDisabled()).toBe(true)
    await expect.poll(() => again.isEnabled(), { timeout: 20_000 }).toBe(true)
    await again.click()
    await page.locator('.answer-text').getByText('It is a dog.').waitFor()
  })

  it('keeps what came before the connection broke', async () => {
    const page = await scene.visit('chat')
    scene.server.will.breakAfter = 4
    scene.server.will.pace = 100
    await askAboutSample(page, 'What is it?')
    await page.getByText('The connection broke').waitFor()
    // Of the last pieces some may be lost with the connection.
    const kept = await page.locator('.answer-text').textContent()
    expect(['It', 'It is', 'It is a', 'It is a dog.']).toContain(kept)
    scene.server.will.breakAfter = Number.POSITIVE_INFINITY
    await page.locator('.explained').getByRole('button', { name: 'Try again' }).click()
    await page.locator('.answer-text').getByText('Question 1').waitFor()
  })

  it('works without a database, and says that nothing is kept', async () => {
    const page = await scene.visit('chat')
    await page.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('A mutation operation was attempted', 'InvalidStateError')
      }
    })
    await page.reload()
    await page.getByText('This browser keeps nothing here').waitFor()
    await askAboutSample(page, 'What is it?')
    await ask(page, 'And now?')
    expect(await page.locator('.turn').count()).toBe(2)
    await button(page, 'Dismiss').click()
    await page.locator('.banner').waitFor({ state: 'detached' })
  })

  it('says that the device is full', async () => {
    const page = await scene.visit('paint')
    await page.evaluate(() => {
      IDBObjectStore.prototype.put = () => {
        throw new DOMException('full', 'QuotaExceededError')
      }
    })
    await paintOne(page, 'a red cat')
    await page.getByText('This device has no room left').waitFor()
    expect(await page.locator('.gallery li').count()).toBe(1)
  })

  it('deletes everything, when asked twice', async () => {
    const page = await scene.visit('chat')
    await askAboutSample(page, 'What is it?')
    await button(page, 'Settings').click()
    await button(page, 'Delete everything …').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await page.locator('.side .conversation').waitFor({ state: 'detached' })
    await page.reload()
    await page.getByText('No conversations yet.').waitFor()
  })
}
