import type { Messages } from './en.js'

export const zhErrors: Messages['errors'] = {
  away: { title: '服务器没有回应', way: '请确认它仍在运行（viscpm serve），然后重试。' },
  broken: { title: '连接中断', way: '内容没有丢失，请重试。' },
  'key-needed': { title: '服务器需要 API 密钥', way: '请输入管理者给您的密钥。' },
  'key-wrong': { title: '服务器不接受这个 API 密钥', way: '请重新输入，或向管理者索取。' },
  busy: { title: '服务器的任务太多', way: '请稍后重试。' },
  unavailable: { title: '模型暂时不可用', way: '可能正在加载，或机器内存不足。请稍后重试。' },
  'no-model': { title: '这里没有可用的模型', way: '请在启动服务器时指定：viscpm serve --model。' },
  'not-loaded': {
    title: '自带的小模型还没有加载到本浏览器',
    way: '它只需从提供本页面的服务器加载一次：请启动服务器（viscpm serve），然后重试。',
  },
  blocked: { title: '被安全检查拦下', way: '请换一种说法，或换一张图片。' },
  invalid: { title: '请求有误', way: '请修改下面指出的内容，然后重试。' },
  'too-large': { title: '内容太大', way: '请换一张小一些的图片。' },
  'too-long': { title: '内容超出模型的长度', way: '请缩短内容，或开始新对话。' },
  failed: { title: '没有成功', way: '请重试。如果再次出现，请查看服务器日志。' },
  wait: seconds => `请在 ${seconds} 秒后重试。`,
  useBrowser: '在本浏览器中运行',
  enterKey: '输入密钥',
  detail: message => `原因：${message}`,
}
