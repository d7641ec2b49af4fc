import type { CheckMessages, SafetyMessages, SafetyOption } from './safety-types.js'

const count = (n: number): string => n.toLocaleString('en')

export const safetyOptionsZh: Readonly<Record<SafetyOption, string>> = {
  safety:
    '安全策略：strict 拦截检查器认定有害或无法判断的内容；upstream 与原版相同：拦截提示词，涂黑画出的图片，对话中的图片只作警告；off 什么都不检查',
  promptChecker: '识别有害文本的 BERT 文件夹（transformers 格式）；在词表之后使用',
  imageChecker: 'Stable Diffusion 安全检查器文件夹（diffusers 格式）；不写则不检查图片',
  audit: '每次判断都在 FILE 末尾追加一行 JSON；不记内容，只记哈希',
  checkAs: '输入是什么；图片相应地算作提示词或问题所附的图片；不写则文本算提示词，图片算对话中的图片',
  checkJson: '标准输出的最后一行是一个 JSON 对象，内含每个检查器的结论',
}

const see = '各检查器的结论可用 `viscpm check` 查看，--safety 的作用见 `viscpm check --help`。'

export const safetyZh: SafetyMessages = {
  what: {
    'chat-picture': '图片',
    'chat-text': '问题',
    'chat-answer': '回答',
    prompt: '提示词',
    'negative-prompt': '反向提示词',
    'source-picture': '作为起点的图片',
    'painted-picture': '画出的图片',
    history: '先前的对话',
    text: '文本',
  },
  categories: {
    sexual: '色情',
    profanity: '粗话',
    hate: '仇恨',
    violence: '暴力',
    'self-harm': '自残',
    drugs: '毒品',
  },
  decisions: { allow: '未发现问题', block: '有害', unknown: '无法判断' },
  listedWord: masked => `含有词表中的词：${masked}`,
  ofCategory: (checker, category) => `${checker}（类别：${category}）`,
  said: (checker, reason) => `${checker}，原因：${reason}`,
  blocked: (what, verdict) => `${what}被拦截：${verdict}`,
  letPass: (what, verdict) => `${what}未获检查器认可，但策略予以放行：${verdict}`,
  hints: {
    text: '请换一种说法。',
    picture: '请换一张图片。',
    output: '请换一个要求，或换一个种子。',
    unknown: '检查器无法判断，而不能确定无害的内容一律拦截。',
    see,
  },
  advice: hint => `${hint}${see}`,
  policy: (name, covered) => `安全策略 ${name}：${covered}`,
  covered: (what, checkers) => `${what}：${checkers}`,
  separator: '；',
  texts: '文本',
  pictures: '图片',
  noChecker: '无检查器',
  noPictureChecker: '没有图片检查器',
  unchecked: '此策略不检查',
  off: '安全检查已关闭（off）：文本和图片都不检查',
  neverAsked: (option, policy) => `${option} 与 ${policy} 同用时永远不会被用到`,
  neverAskedHint: '请去掉其中一个。',
}

export const checkZh: CheckMessages = {
  columns: {
    input: '输入',
    action: '处理',
    decision: '结论',
    category: '类别',
    score: '得分 / 阈值',
    checker: '检查器',
    reason: '原因',
  },
  actions: { allow: '放行', tag: '标记', blur: '模糊', blacken: '涂黑', block: '拦截' },
  unchecked: '未检查',
  notChecked: {
    text: n => `有 ${count(n)} 段文本未检查：内容如何无从得知。`,
    picture: n => `有 ${count(n)} 张图片未检查：内容如何无从得知。请用 --image-checker FOLDER 指定检查器。`,
  },
  stdinTwice: '标准输入只能读取一次',
  stdinIsTerminal: '标准输入没有文本：请用管道传入',
  emptyText: '文本为空',
  asText: '如果这是一段文本，请从标准输入传入：viscpm check -',
}
