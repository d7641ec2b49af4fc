import type { EvalPaintMessages } from './paint-types.js'

export const evalPaintZh: EvalPaintMessages = {
  about: '将画出的图片与真实图片比较：FID、KID 和 CLIP 分数。',
  options: {
    real: '真实图片的文件夹，或 pytorch-fid 保存的统计量（.npz）；默认：内置包的图片',
    painted: '不作画，只评判文件夹中的图片；与 --prompts 一起使用时，图片按文件名顺序对应各条描述',
    inception:
      'FID 文献中的 InceptionV3（pt_inception-2015-12-05-6726825d.pth）；默认：Chinese-CLIP 的图像塔，其距离不是 FID',
    inceptionDim: '使用它的哪一层特征；默认：2048，即 FID 所用的',
    resize: '图片如何缩放到 299 x 299：clean-fid 或 pytorch-fid 的方式；默认：clean',
    clip: '用于 CLIP 分数的 Chinese-CLIP 文件夹；默认：内置的',
    resamples: '区间所用的自助抽样次数；默认：特征不超过 256 维时为 100，否则为 0（每次需要数秒）',
    subsets: 'KID 的子集对数；默认：100',
    subsetSize: '每个子集的图片数；默认：1000，或全部',
    extrapolate: '同时给出画无穷多张图片时的距离（多算 7 次距离）',
    saveStats: '写出所画图片的统计量（.npz）',
    saveReal: '写出真实图片的统计量（.npz）',
    prompts: '描述：每行一条（.txt），含 en 和 zh（.jsonl），或 COCO 的（.json）；默认：内置世界的 16 条',
    language: '只画一种语言的描述；默认：两种都有时都画',
    limit: '从头起取多少行描述',
    output: '图片的文件夹；再次运行会接着画；默认：eval-paint',
    seed: '第一行描述的随机种子，以后每行加一；默认：0',
    guidance: '引导强度，每个占表中一行；默认：模型自己的',
    candidates: '每条描述画几张，只评判其中最好的；默认：1',
    shard: '只画 n 份中的第 i 份；全部画完后，不带此选项再运行一次即可评测',
    queue: '让此队列的工作进程作画：redis://HOST:PORT；--model 是它们对模型的称呼',
    json: '标准输出的最后一行：含全部数字的一个 JSON 对象',
  },
  examples: `不给任何文件时，内置的画家画它那个小世界的描述，由内置的 Chinese-CLIP 来看。
示例：
  viscpm eval paint
  viscpm eval paint --inception pt_inception-2015-12-05-6726825d.pth --real val2014 --prompts captions_val2014.json -n 5000 --model viscpm_paint --output coco
  viscpm eval paint --prompts captions.jsonl --real coco.npz --inception inception.pth --guidance 1.5,3,7.5 --model viscpm_paint
  viscpm eval paint --painted pictures --real photos --save-real photos.npz
  viscpm eval paint --queue redis://127.0.0.1:6379 --limit 1000`,
  shardHint: '第几份，共几份，从 1 数起：1/4、2/4、3/4、4/4。',
  realNeeded: '缺少 --real',
  realNeededHint: '请指定真实图片的文件夹或 .npz 文件：内置包的图片只属于它那个小世界。',
  painting: folder => `正在画到 ${folder}`,
  painted: (painted, found, seconds) => `用 ${seconds} 秒画了 ${painted} 张${found > 0 ? `，已有 ${found} 张` : ''}`,
  damaged: count => `有 ${count} 张图片损坏或缺失，已重画`,
  shardDone: (part, of, missing) =>
    `第 ${part} 份（共 ${of} 份）已画完；其他各份还有 ${missing} 张未画。画完后请不带 --shard 再运行。`,
  jobFailed: message => `工作进程无法作画：${message}`,
  jobFailedHint: '请查看工作进程的日志。已画的图片会保留。',
  measuring: '正在评测',
  measured: seconds => `评测用时 ${seconds} 秒`,
  phases: { paintings: '作画', features: '特征', resamples: '区间', subsets: '核距离' },
  columns: {
    language: '语言',
    guidance: '引导强度',
    pictures: '图片',
    withheld: '被扣下',
    distance: 'FD 距离（CLIP）',
    extrapolated: '无穷多张时',
    kernel: 'KD 距离（CLIP）x 1000',
    clip: 'CLIP 分数',
    model: '模型',
  },
  ownGuidance: '模型自己的',
  published: '已发表的 COCO 零样本 FID，30,000 张图片（VisCPM 的 README；未说明引导强度和步数）：',
  notes: {
    fid: name => `FID 和 KID：特征 ${name}；KID 对子集取平均，± 一个标准差。越低越好。`,
    clipDistance: (name, dim) =>
      `FD 和 KD：${dim} 维 Chinese-CLIP 特征（${name}）的距离。类似 FID，但不是 FID，不能与任何已发表的数字比较。越低越好。`,
    real: (where, pictures) => `真实图片：${where}${pictures === undefined ? '' : `，${pictures} 张`}。`,
    bias: pictures =>
      `${pictures} 张图片：图片少时距离偏高，越少越偏高。只能与相同张数比较；已发表的数字用了 30,000 张。`,
    singular: (pictures, dim) =>
      `${pictures} 张图片不足以得到 ${dim} 维特征的满秩协方差：距离对所见的图片是精确的，但很难说明模型的好坏。`,
    noInterval: '没有距离的区间：用 --resamples 可以得到。',
    jpeg: count => `所画图片中有 ${count} 张是 JPEG 文件：其压缩损失也会计入。请使用 PNG。`,
  },
}
