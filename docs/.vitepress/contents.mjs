// @ts-check
// What the site holds, in its order. A guide that is not written yet is left out; one without a Chinese page is shown
// to Chinese readers in English, and said to be.

/**
 * @typedef {object} Guide
 * @property {string} page without extension
 * @property {string} en
 * @property {string} zh
 */

/** @type {readonly { en: string, zh: string, guides: readonly Guide[] }[]} */
export const guides = [
  {
    en: 'First steps',
    zh: '第一步',
    guides: [
      { page: 'getting-started', en: 'Getting started', zh: '快速上手' },
      { page: 'original-checkpoints', en: 'Original checkpoints', zh: '原版权重' },
      { page: 'models', en: 'Downloading models', zh: '下载模型' },
      { page: 'model-cards', en: 'Model cards', zh: '模型卡' },
      { page: 'limits', en: 'Limits', zh: '局限' },
    ],
  },
  {
    en: 'Web and server',
    zh: '网页与服务器',
    guides: [
      { page: 'web', en: 'The web page', zh: '网页' },
      { page: 'browser', en: 'In the browser alone', zh: '只用浏览器' },
      { page: 'server', en: 'Server', zh: '服务器' },
      { page: 'scaling', en: 'Many machines', zh: '多台机器' },
    ],
  },
  {
    en: 'In your program',
    zh: '在程序里',
    guides: [
      { page: 'packages', en: 'Which package', zh: '选哪个包' },
      { page: 'own-scheduler', en: 'Swap a scheduler', zh: '更换采样器' },
      { page: 'own-checker', en: 'Write a safety module', zh: '编写安全模块' },
      { page: 'own-ranker', en: 'Write a ranker', zh: '编写排序器' },
      { page: 'examples', en: 'Examples', zh: '示例程序' },
    ],
  },
  {
    en: 'Smaller and faster',
    zh: '更小、更快',
    guides: [
      { page: 'memory', en: 'Memory', zh: '内存' },
      { page: 'quantization', en: 'Smaller models', zh: '更小的模型' },
      { page: 'faster-answers', en: 'Faster answers', zh: '更快的回答' },
      { page: 'painting-faster', en: 'Painting faster', zh: '更快地画图' },
      { page: 'devices', en: 'Devices', zh: '计算设备' },
      { page: 'performance', en: 'Performance', zh: '性能' },
    ],
  },
  {
    en: 'Inside',
    zh: '内部',
    guides: [
      { page: 'safety', en: 'Safety', zh: '安全' },
      { page: 'evaluation', en: 'Evaluation', zh: '评测' },
      { page: 'architecture', en: 'Architecture', zh: '架构' },
      { page: 'claim', en: 'The claim, at toy size', zh: '核心论断，玩具尺寸' },
      { page: 'contributing', en: 'Contributing', zh: '参与开发' },
      { page: 'security', en: 'Security', zh: '安全漏洞' },
    ],
  },
]

/** Pages of the packages: what one meets first, then the parts. */
export const packages = [
  ...['chat', 'paint', 'cli', 'server', 'web', 'models', 'eval', 'tiny'],
  ...['cpm-bee', 'qformer', 'unet-sampler', 'reranker', 'safety', 'tokenizer', 'core'],
]

/**
 * @param {'en' | 'zh'} language
 * @param {(page: string) => boolean} exists whether the site has a page, given without extension
 * @returns {import('vitepress').DefaultTheme.SidebarItem[]}
 */
export function sidebar(language, exists) {
  const sections = guides.map(section => ({
    text: section[language],
    items: section.guides.flatMap(guide => {
      if (!exists(guide.page)) return []
      if (language === 'en') return [{ text: guide.en, link: `/${guide.page}` }]
      return exists(`zh/${guide.page}`)
        ? [{ text: guide.zh, link: `/zh/${guide.page}` }]
        : [{ text: `${guide.zh}（英文）`, link: `/${guide.page}` }]
    }),
  }))
  const reference = [
    {
      text: language === 'en' ? 'Packages' : '各个包（英文）',
      collapsed: language === 'zh',
      items: packages
        .filter(name => exists(`packages/${name}`))
        .map(name => ({ text: `@viscpm/${name}`, link: `/packages/${name}` })),
    },
    { text: language === 'en' ? 'API reference' : 'API 参考（英文）', link: '/api/' },
  ]
  return [...sections.filter(section => section.items.length > 0), ...reference]
}
