import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { View } from '../app/route.js'
import { askAboutSample, paintOne, type Scene } from './scene.js'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds, as 'rule: element', at every level of WCAG 2.2 that it knows. */
async function violations(page: Page): Promise<string[]> {
  // Colours are looked at when nothing moves any more.
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .map(a => (a.effect?.getTiming().iterations === Infinity ? 0 : a.finished.catch(() => 0))),
    ),
  )
  // As a script of the page its policy would not let it in.
  await page.evaluate(axeSource)
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') }
    const { violations } = await axe.run(document, { resultTypes: ['violations'] })
    return violations.flatMap(v => v.nodes.map(node => `${v.id}: ${node.html} ${node.failureSummary}`))
  })
}

/** Presses Tab until something has the focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let i = 0; i < 60; i++) {
    if (await page.evaluate(s => document.activeElement?.matches(s), selector)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never reached ${selector}`)
}

const fits = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const inside = [...document.querySelectorAll('body *')].filter(e => e.scrollWidth > e.clientWidth + 1)
    const scrolling = inside.filter(e => /auto|scroll/.test(getComputedStyle(e).overflowX) && e.clientWidth > 0)
    return document.documentElement.scrollWidth <= innerWidth && scrolling.every(e => e.matches('textarea'))
  })

const languages = { 'en-GB': ['What is it?', 'a red cat'], 'zh-CN': ['这是什么？', '一只红色的猫'] } as const

export function reachScenes(scene: Scene): void {
  for (const [locale, [question, prompt]] of Object.entries(languages)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`has nothing that axe objects to: ${locale}, ${colorScheme}`, async () => {
        const page = await scene.visit('chat', { locale, colorScheme, reducedMotion: 'reduce' })
        await page.locator('.chip.ready').waitFor()
        expect(await violations(page)).toEqual([])
        await askAboutSample(page, question)
        expect(await violations(page)).toEqual([])
        await page.locator('.chip').click()
        await page.getByRole('dialog').waitFor()
        expect(await violations(page)).toEqual([])
        await page.keyboard.press('Escape')
        await page.locator('nav.views a').nth(1).click()
        await page.locator('#prompt').waitFor()
        expect(await violations(page)).toEqual([])
        await paintOne(page, prompt)
        await page.locator('.picture-actions button').nth(2).click()
        await page.locator('.source-picture').waitFor()
        expect(await violations(page)).toEqual([])
        await page.locator('.gallery li button').click()
        await page.getByRole('dialog').waitFor()
        expect(await violations(page)).toEqual([])
      })
    }
  }

  it('has nothing that axe objects to where something went wrong', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await scene.visit('chat', { colorScheme, reducedMotion: 'reduce' })
      await askAboutSample(page, 'badword')
      scene.server.will.fail = { status: 500, code: 'internal_error', times: 1 }
      await page.locator('.composer textarea').fill('again')
      await page.locator('.composer textarea').press('Enter')
      await page.locator('.failure').waitFor()
      await page.locator('.side .icon-button').first().click()
      await page.locator('.notice').waitFor()
      expect(await violations(page)).toEqual([])
    }
  })

  it('is used with the keyboard alone', async () => {
    const page = await scene.visit('chat')
    await page.locator('.chip.ready').waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('skip')
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN')
    await tabTo(page, '.samples button')
    await page.keyboard.press('Enter')
    await page.locator('.attached img').waitFor()
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA')
    await page.keyboard.type('What is it?')
    await page.keyboard.press('Enter')
    await page.locator('.answer-foot').waitFor()
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA')
    // What is heard: the answer by sentences, and that it is complete.
    await page.locator('[aria-live=polite]').getByText('The answer is complete.').waitFor()

    // A dialog keeps the focus, and gives it back.
    await page.evaluate(() => (document.activeElement as HTMLElement).blur())
    await tabTo(page, '.chip')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    for (let i = 0; i < 20; i++) {
      await page.keyboard.press('Tab')
      expect(
        await page.evaluate(
          () => document.activeElement === document.body || !!document.activeElement?.closest('dialog'),
        ),
      ).toBe(true)
    }
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.classList.contains('chip'))).toBe(true)

    await page.evaluate(() => (document.activeElement as HTMLElement).blur())
    await tabTo(page, 'nav.views a[href="#/paint"]')
    await page.keyboard.press('Enter')
    await page.locator('#prompt').waitFor()
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName), { timeout: 20_000 }).toBe('MAIN')
    await tabTo(page, '#prompt')
    await page.keyboard.type('a red cat')
    await tabTo(page, '.panel-go button')
    await page.keyboard.press('Enter')
    await page.locator('.stage-result .shown').waitFor()
    await tabTo(page, '.candidates button[aria-pressed=false]')
    await page.keyboard.press('Enter')
    await page.locator('.candidates li:nth-child(2) button[aria-pressed=true]').waitFor()
    await tabTo(page, '.gallery li button')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    expect(await page.evaluate(() => !!document.activeElement?.closest('.gallery'))).toBe(true)
  })

  it('fits on a phone, in both views', async () => {
    const phone = { locale: 'zh-CN', viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }
    const page = await scene.visit('chat', phone)
    await page.locator('.chip.ready').waitFor()
    expect(await fits(page)).toBe(true)
    await askAboutSample(page, '这是什么？'.repeat(12))
    expect(await fits(page)).toBe(true)
    await page.getByRole('button', { name: '显示对话列表' }).click()
    await page.locator('dialog .conversation').waitFor()
    expect(await fits(page)).toBe(true)
    await page.locator('dialog .new-talk').click()
    await page.locator('.welcome').waitFor()
    await page.locator('nav.views a').nth(1).click()
    await paintOne(page, '一只红色的猫')
    await page.locator('details.more summary').click()
    expect(await fits(page)).toBe(true)
    await page.locator('.gallery li button').click()
    await page.getByRole('dialog').waitFor()
    expect(await fits(page)).toBe(true)
  })

  it.each(['no-preference', 'reduce'] as const)(
    'goes to the picture on a phone, and shows how far it is: motion %s',
    async reducedMotion => {
      const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, reducedMotion }
      const page = await scene.visit('paint', phone)
      await page.locator('.chip.ready').waitFor()
      scene.server.will.pace = 300
      await page.locator('#prompt').fill('a red cat')
      await page.locator('#prompt').press('Enter')
      await page.locator('.preview').nth(3).waitFor()
      const end = async (): Promise<number> => {
        const box = await page.locator('.progress-row').boundingBox()
        return box === null ? Number.POSITIVE_INFINITY : box.y + box.height
      }
      await expect.poll(end, { timeout: 20_000 }).toBeLessThanOrEqual(844)
    },
  )

  it('follows the language of the browser, and is switched', async () => {
    const page = await scene.visit('chat', { locale: 'zh-CN' })
    await page.getByText('给它看一张图片，聊聊图里的内容').waitFor()
    expect(await page.evaluate(() => [document.documentElement.lang, document.title])).toEqual([
      'zh-CN',
      '看图对话 – VisCPM',
    ])
    await page.getByRole('button', { name: 'Switch to English' }).click()
    await page.getByText('Show a picture, and talk about it').waitFor()
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en')
    await page.reload()
    await page.getByText('Show a picture, and talk about it').waitFor()
  })

  it('is as light or dark as was chosen, from the first paint on', async () => {
    const views: readonly View[] = ['chat', 'paint']
    for (const view of views) {
      const page = await scene.visit(view, { colorScheme: 'light' })
      const background = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      const light = await background()
      await page.getByRole('button', { name: 'Settings', exact: true }).click()
      await page.getByLabel('Dark').check()
      await expect.poll(background, { timeout: 20_000 }).not.toBe(light)
      const dark = await background()
      await page.route('**/index-*.js', route => route.abort())
      await page.reload()
      expect(await background()).toBe(dark)
    }
  })
}
