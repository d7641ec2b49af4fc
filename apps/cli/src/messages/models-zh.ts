import type { ModelsMessages, ModelsOption } from './models-types.js'

export const modelsOptionsZh: Readonly<Record<ModelsOption, string>> = {
  acceptLicense: '接受所下载模型的许可协议；会记住',
  endpoint: '改用此服务器（HF_ENDPOINT）；可多次给出，依次尝试',
  cacheDir: '存放模型的文件夹（HF_HUB_CACHE）',
  offline: '不建立任何连接（HF_HUB_OFFLINE、VISCPM_OFFLINE）',
  noCompanions: '不下载与之配合的模型',
  listAll: '连同尚未下载的一起列出',
  yes: '不再询问',
  modelsJson: '输出一个 JSON 对象，供程序使用',
}

export const modelsZh: ModelsMessages = {
  download: {
    starting: model => `正在下载 ${model}`,
    phases: { wait: '等待另一个进程', check: '已检查', download: '已下载' },
    finished: seconds => `下载用时 ${seconds} 秒`,
    license: (model, name) => `${model} 采用以下许可协议：${name}`,
    nonCommercial: '不得用于商业用途。',
    readIt: '以此处全文为准：',
    accept: '是否接受？[y/N] ',
    refused: '未接受许可协议，没有下载任何内容',
    refusedHint: '请先在上面的网址阅读全文。',
    noTerminal: '须先接受许可协议，而这里没有可供询问的终端',
    noTerminalHint: '阅读之后，请加上 --accept-license。',
    retrying: why => `再试一次：${why}`,
    ready: (model, size) => `${model} 已就绪（${size}）`,
    lies: path => `位于 ${path}`,
    use: command => `试试：${command}`,
    resumable: '已下载的部分会保留：再次运行同一命令即可继续。',
  },
  list: {
    states: { complete: '已下载', partial: '未完成', absent: '未下载', unknown: '由其他工具下载' },
    kinds: { chat: '对话', paint: '绘画', ranker: '排序', 'image-checker': '图片检查' },
    nothing: '还没有下载任何模型。viscpm list --all 可列出全部模型。',
    cache: folder => `模型位于 ${folder}`,
    of: (bytes, size) => `${bytes}，共 ${size}`,
    nonCommercial: '非商业',
  },
  remove: {
    question: (model, size) => `删除 ${model}（${size}）？[y/N] `,
    kept: '已保留',
    needsYes: '这里没有可供询问的终端',
    needsYesHint: '请加上 --yes。',
    removed: (model, size) => `${model} 已删除，释放了 ${size}`,
  },
  verify: {
    states: { good: '完好', missing: '缺失', changed: '已变' },
    evidence: {
      published: '与公开来源给出的哈希一致',
      hub: '与服务器给出的哈希一致',
      recorded: '与下载时相同；此外没有来源给出哈希',
      none: '文件存在；没有来源给出哈希',
    },
    good: (files, size) => `全部 ${files} 个文件都完好（读取了 ${size}）。`,
    bad: files => `${files} 个文件不对。`,
    badHint: model => `请先 viscpm remove ${model}，再重新下载。`,
  },
}
