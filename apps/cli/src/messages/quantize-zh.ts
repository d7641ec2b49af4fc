import type { QuantizeMessages, QuantizeOption, VerifyMessages } from './quantize-types.js'

export const quantizeOptionsZh: Readonly<Record<QuantizeOption, string>> = {
  folder: '要生成的文件夹；其中原有的模型保留到新模型完整为止',
  dtype: '语言模型矩阵的格式',
  block: '共用一个缩放系数的权重数：越少越精确，文件也越大',
  rounding: 'nearest，或 search：为每一块寻找误差最小的缩放系数；计算量约为五倍',
  embedding: '词向量表（也是输出层）的格式',
  vision: '视觉部分矩阵的格式',
  keepTensors: '这些键的张量保持原样；* 代表任意字符；可多次给出',
  format: '给某些键另定格式，如 *.w_out.weight=int8；可多次给出',
  workers: '用于转换的线程数；任何数目得到的字节都相同',
  force: '替换已有的模型，并丢弃另一种未完成的转换',
  source: '转换所用的原检查点：将重新转换并比较',
}

export const quantizeZh: QuantizeMessages = {
  converting: (source, dtype) => `正在把 ${source} 转换为 ${dtype}`,
  converted: seconds => `转换用时 ${seconds} 秒`,
  phases: { convert: '已转换', verify: '已核对' },
  resumable: '已完成的部分会保留：再次运行同一命令即可继续。',
  groups: { language: '语言模型', embedding: '词向量表', vision: '视觉部分', other: '其余部分' },
  kept: '原样',
  inBlocks: '分块大小',
  group: (tensors, before, after) => `${tensors} 个张量，${before} -> ${after}`,
  relativeError: percent => `相对误差 ${percent} %`,
  dropped: (tensors, size) => `省去 ${tensors} 个运行时不用的张量（${size}）`,
  total: (before, after, percent) => `共 ${before} -> ${after}（${percent} %）`,
  speed: (seconds, rate) => `用时 ${seconds} 秒，每秒处理原文件 ${rate}`,
  resumed: size => `其中 ${size} 此前已完成`,
  existed: folder => `${folder} 已由同一来源以同样方式生成`,
  written: folder => `已写入 ${folder}`,
  formatForm: '应为 PATTERN=FORMAT，其中 FORMAT 是 int4、int8、fp16 或 keep',
}

export const verifyZh: VerifyMessages = {
  verifying: folder => `正在核对 ${folder}`,
  verified: seconds => `核对用时 ${seconds} 秒`,
  problems: {
    manifest: name => `${name} 写入之后被改动过`,
    file: name => `${name} 不存在，或大小不同`,
    header: name => `${name} 开头部分不同`,
    tensor: name => `${name}的字节与写入时不同`,
    source: name => `${name} 与转换时不同`,
    conversion: name => `${name} 与重新转换的结果不同`,
    plan: name => `${name}的张量或形状不同`,
    beside: name => `${name} 不存在，或内容不同`,
  },
  more: problems => `……共 ${problems} 处`,
  good: (tensors, size) => `全部 ${tensors} 个张量都与写入时相同（核对了 ${size}）。`,
  sources: {
    'not given': '没有与来源比较：用 --source 可以比较。',
    hashed: '来源与当时相同。没有重新转换：那需要当时所用的数据。',
    converted: '重新转换来源得到相同的字节。',
  },
  bad: problems => `有 ${problems} 处不符`,
  badHint: '请重新转换原检查点（viscpm quantize --force），或重新复制文件夹。',
}
