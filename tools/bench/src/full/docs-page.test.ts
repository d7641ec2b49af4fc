import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { checkPage, withSection, writeSection } from './docs-page.js'

const page = `# P

<!-- full-size table -->
<!-- end of the full-size table -->

prose

<!-- earlier full-size tables, newest first -->

## Rest
`
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

describe('the page of results', () => {
  it('takes a table between its marks and keeps earlier ones, newest first', () => {
    const third = withSection(withSection(withSection(page, '### one\n'), '### two'), '### three')
    expect(third).toBe(`# P

<!-- full-size table -->

### three

<!-- end of the full-size table -->

prose

<!-- earlier full-size tables, newest first -->

### two

### one

## Rest
`)
  })

  it('is refused without its marks before anything is measured, and written whole', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-page-'))
    folders.push(folder)
    const file = join(folder, 'p.md')
    writeFileSync(file, '# nothing\n')
    await expect(checkPage(file)).rejects.toThrow('needs these marks')
    writeFileSync(file, page)
    await checkPage(file)
    await writeSection(file, '### one')
    expect(readFileSync(file, 'utf8')).toBe(withSection(page, '### one'))
  })
})
