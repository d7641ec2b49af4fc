import { describe, expect, it } from 'vitest'
import { changeProse, pageOf, publicOf, sitePage, titleOf, withTables } from './site-pages.mjs'

describe('pageOf', () => {
  it.each([
    ['docs/safety.md', 'safety.md'],
    ['docs/zh/safety.md', 'zh/safety.md'],
    ['packages/core/README.md', 'packages/core.md'],
    ['apps/cli/README.md', 'packages/cli.md'],
    ['apps/examples/README.md', 'examples.md'],
    ['tools/safety-eval/data/README.md', 'tools/safety-eval-data.md'],
    ['README.md', 'index.md'],
    ['LICENSE', undefined],
    ['docs/pictures/painted.png', undefined],
  ])('%s is %s', (file, page) => expect(pageOf(file)).toBe(page))

  it('puts what has no page beside the pages', () => {
    expect(publicOf('docs/pictures/painted.png')).toBe('pictures/painted.png')
    expect(publicOf('LICENSE')).toBe('files/LICENSE.txt')
    expect(publicOf('tools/x/y.json')).toBe('files/tools/x/y.json')
  })
})

describe('sitePage', () => {
  it('leads links to pages, and to files', () => {
    const linked: string[] = []
    const text = '[a](../safety.md#measured) [b](../../packages/core/README.md) ![c](../pictures/p.png "p") [`d`](x.md)'
    expect(sitePage('docs/zh/a.md', text, file => linked.push(file))).toBe(
      '[a](../safety.md#measured) [b](../packages/core.md) ![c](/pictures/p.png "p") [`d`](./x.md)',
    )
    expect(linked).toEqual(['docs/pictures/p.png'])
  })

  it('leads pictures that are HTML to files', () => {
    const linked: string[] = []
    const text = '<img src="../pictures/p.png" alt="p" width="9"> <img src="/q.png"> `<img src="r.png">`'
    expect(sitePage('docs/zh/a.md', text, file => linked.push(file))).toBe(
      '<img src="/pictures/p.png" alt="p" width="9"> <img src="/q.png"> `<img src="r.png">`',
    )
    expect(linked).toEqual(['docs/pictures/p.png'])
  })

  it('leads to a program where it stands', () => {
    expect(sitePage('docs/zh/a.md', '[p](../../apps/examples/own-ranker.ts)')).toBe('[p](../examples.md#own-rankerts)')
  })

  it('leaves the network, anchors and code alone', () => {
    const text = '[a](https://example.org/x.md) [b](#here) `[c](d.md) {{ x }}`\n```md\n[e](f.md) {{ y }}\n```\n'
    expect(sitePage('packages/core/README.md', text)).toBe(text)
    expect(sitePage('docs/a.md', '{{ z }}')).toBe('&#123;&#123; z }}')
  })

  it('joins lines of Chinese, and drops the links between languages', () => {
    const text = '# 一\n\n[English](../a.md)\n\n- 甲，\n  乙。\n丙 one\ntwo `a`\n\n```sh\n# 丁\n戊\n```\n'
    expect(sitePage('docs/zh/a.md', text)).toBe('# 一\n\n- 甲，乙。丙 one\ntwo `a`\n\n```sh\n# 丁\n戊\n```\n')
  })

  it('knows prose from code in lists and with longer fences', () => {
    const text = 'a\n  ```sh\n  a\n  ```\n````md\na\n```\na\n````\na `a` ``a ` a`` a\n'
    expect(changeProse(text, prose => prose.replaceAll('a', 'b'))).toBe(
      'b\n  ```sh\n  a\n  ```\n````md\na\n```\na\n````\nb `a` ``a ` a`` b\n',
    )
  })
})

describe('withTables', () => {
  const pages: Record<string, string> = {
    'docs/m.md':
      'x\n<!-- chat -->\n\n| 1 |\n\n<!-- /chat -->\n<!-- eval: what follows -->\n| 2 |\n<!-- eval: end -->\n',
  }
  const read = (file: string): string => pages[file] ?? ''

  it('takes over what a command wrote', () => {
    expect(withTables('docs/zh/m.md', '<!-- table: ../m.md chat -->', read)).toBe('| 1 |')
    expect(withTables('docs/zh/m.md', '一\n<!-- table: ../m.md eval -->\n二', read)).toBe('一\n| 2 |\n二')
  })

  it('refuses a table that is not there', () => {
    expect(() => withTables('docs/zh/m.md', '<!-- table: ../m.md paint -->', read)).toThrow(
      'docs/m.md has no <!-- paint',
    )
  })
})

it('finds the title', () => {
  expect(titleOf('```sh\n# no\n```\n# The `title`\n# another\n')).toBe('The title')
})
