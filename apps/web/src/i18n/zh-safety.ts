import type { Messages } from './en.js'

export const zhSafety: Messages['safety'] = {
  stages: { picture: '图片', text: '问题', answer: '回答', prompt: '提示词', painted: '画出的图片' },
  categories: {
    sexual: '色情',
    profanity: '粗话',
    hate: '仇恨',
    violence: '暴力',
    'self-harm': '自残',
    drugs: '毒品',
  },
  blockedTitle: '被安全检查拦下',
  block: (what, category) => `检查器认为${what}有害${category === undefined ? '' : `（${category}）`}。`,
  unknown: what => `检查器无法判断${what}是否无害，而不能确定无害的内容一律拦下。`,
  unspecified: '检查器认为这个请求中有有害内容。',
  ways: {
    picture: '请换一张图片。',
    text: '请换一种问法。',
    answer: '请换一种问法，或问点别的。',
    prompt: '请换一种说法。',
    painted: '请换一个种子，或画点别的。',
  },
  mistaken: '检查器有时会弄错；这些文字或图片没有送给任何模型。',
  partial: '回答在检查器提出异议处停止。',
  by: checker => `检查器：${checker}`,
  allBlocked: '所有候选图片都被拦下。',
  someBlocked: n => `有 ${n} 张候选图片被拦下。`,
}
