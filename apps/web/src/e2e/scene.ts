import type { BrowserContextOptions, Locator, Page } from 'playwright-core'
import type { View } from '../app/route.js'
import type { FakeServer } from '../fixtures/fake-server.js'

/** What a scene is played with. */
export interface Scene {
  readonly server: FakeServer
  visit(view: View, options?: BrowserContextOptions): Promise<Page>
}

export const button = (page: Page, name: string | RegExp): Locator => page.getByRole('button', { name, exact: true })

/** Asks about a sample picture, and waits for the answer. */
export async function askAboutSample(page: Page, question: string): Promise<void> {
  await page.locator('.samples button').first().click()
  await page.locator('.attached img').waitFor()
  await ask(page, question)
}

export async function ask(page: Page, question: string): Promise<void> {
  const before = await page.locator('.turn').count()
  await page.locator('.composer textarea').fill(question)
  await page.locator('.composer textarea').press('Enter')
  await page.locator('.turn').nth(before).locator('.answer-foot, .explained').first().waitFor()
}

/** Paints, and waits for the picture. */
export async function paintOne(page: Page, prompt: string): Promise<void> {
  await page.locator('#prompt').fill(prompt)
  await page.locator('#prompt').press('Enter')
  await page.locator('.stage-result .shown').waitFor()
}
