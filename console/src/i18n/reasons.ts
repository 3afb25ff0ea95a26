/** What the server refuses, in Chinese: by the codes of docs/reasons.md, with its values in `{}`, and after a colon
 * how each is written (core/reasons.ts). Those of a field stand beside it, and have no full stop. */
export const SENTENCES: Readonly<Record<string, string>> = {
  "address-too-long": "地址中有一段比任何名称都长；请从列表中选择。",
  "body-too-large": "解压后的内容超过 {limit} 字节；请减少一次发送的数量。",
  "coding-unknown": "不支持编码 {coding}；请使用 gzip 或不压缩",
  "gzip-cut-off": "gzip 内容不完整；请重新完整发送",
  missing: "为必填项",
  "not-base64": "无法按 base64 解码请求内容。",
  "not-gzip": "声明为 gzip，但内容不是 gzip：{error}",
  "not-json": "请求内容不是有效的 JSON：{error}。请发送 UTF-8 编码的 JSON。",
  "out-of-range": "数值须 {sign} {limit}",
  "role-needed": "此操作需要以下角色之一：{roles:role}；您当前的角色是{role:role}。",
  "token-expired": "登录已过期，请重新登录。",
  "token-invalid": "登录凭证无效，请重新登录。",
  "token-missing": "请先登录。",
  unforeseen: "服务器出错，已记录在案；请重试。",
  "unknown-field": "此请求没有这个字段",
  "unknown-value": "不接受 {value} 这个值",
  "wrong-coding": "内容编码有误：{reason}。",
  "wrong-field": "字段 {field}：{reason}。",
  "wrong-form": "格式不正确，须符合 {pattern}",
  "wrong-length": "{wanted:type}的长度须 {sign} {limit}",
  "wrong-type": "应为{wanted:type}，收到的是{got:type}",
}

/** Of JSON. */
export const TYPES: Readonly<Record<string, string>> = {
  array: "列表",
  null: "空值",
  number: "数字",
  object: "对象",
  str: "文本",
  string: "文本",
  "true or false": "是或否",
  "whole number": "整数",
}
