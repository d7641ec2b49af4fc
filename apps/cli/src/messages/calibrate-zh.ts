import type { CalibrateMessages, CalibrateOption } from './calibrate-types.js'

export const calibrateOptionsZh: Readonly<Record<CalibrateOption, string>> = {
  calibrateOutput: '新绘画模型的文件夹；须不存在或为空',
  calibratePrompt: '校准时所画的提示词，可写多次；默认使用自带的六条',
  calibrateSteps: '每条的去噪步数；默认 10',
  calibratePercentile: '取值范围每一侧所含数值的比例，如 0.9999；默认包含全部',
  calibrateKeep: '同样保持 float32 的层：键名的匹配式，可写多次',
  calibrateVae: 'VAE 解码器也改为 int8：此处的舍入最容易看出来',
  calibrateJson: '标准输出的最后一行是一个 JSON 对象，内含文件夹、层数和字节数',
}

export const calibrateZh: CalibrateMessages = {
  calibrating: '正在校准',
  phases: { calibrate: '试画以观察取值范围', write: '写入' },
  badPattern: (pattern, why) => `--keep ${pattern} 不是有效的匹配式：${why}`,
  done: (folder, layers, size, seconds) =>
    `${folder}：UNet 的 ${layers} 层现在用 int8 计算；检查点 ${size}，用时 ${seconds} 秒。`,
  vaeDone: layers => `VAE 解码器的 ${layers} 层也是如此。`,
  tryIt: '用它来画：viscpm paint 提示词 --model',
}

export const calibrateExamplesZh = `所指模型的 UNet 必须是浮点的；语言模型原样复制。
示例：
  viscpm calibrate tiny -o tiny-int8
  viscpm calibrate viscpm_paint_balance_checkpoint.pt -o paint-int8 --vocab bee.txt --vae vae
  viscpm calibrate model/ -o model-int8 --prompt "a red cat" --prompt 湖 --steps 20`
