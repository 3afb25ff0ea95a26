/** What all pages with a list and a sheet say, in both languages. */
export const en = {
  "page.all": "Pages",
  "page.live": "Live",
  "desk.filter": "Show",
  "desk.more": "Show more",
  "desk.back": "Back to the list",
  "desk.nothing": "Choose one on the left.",
  "desk.failed": "This did not work",
  "desk.unreachable": "The server does not answer. Check the network, then try again.",
  "desk.close": "Close this message",
  "desk.cancel": "Cancel",
  "desk.unsaved": "Leave without saving?",
  "desk.unsaved.text": "What you have changed here is not saved yet, and is lost when you leave.",
  "desk.leave": "Leave",
} as const

export const zh: Record<keyof typeof en, string> = {
  "page.all": "页面",
  "page.live": "实时",
  "desk.filter": "筛选",
  "desk.more": "显示更多",
  "desk.back": "返回列表",
  "desk.nothing": "请在左侧选择一项。",
  "desk.failed": "操作未成功",
  "desk.unreachable": "服务器没有响应。请检查网络后重试。",
  "desk.close": "关闭提示",
  "desk.cancel": "取消",
  "desk.unsaved": "不保存就离开？",
  "desk.unsaved.text": "您在此处的更改尚未保存，离开后将丢失。",
  "desk.leave": "离开",
}
